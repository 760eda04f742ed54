{{ land('raw', 'google_ads') }}
