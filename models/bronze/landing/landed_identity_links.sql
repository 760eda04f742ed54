{{ land('raw', 'identity_links') }}
