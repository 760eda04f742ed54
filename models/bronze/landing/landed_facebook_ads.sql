{{ land('raw', 'facebook_ads') }}
