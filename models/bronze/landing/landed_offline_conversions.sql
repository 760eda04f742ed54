{{ land('raw', 'offline_conversions') }}
