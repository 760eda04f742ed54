{{ land('raw', 'tiktok_ads') }}
