{{ land('raw', 'clickstream_events') }}
