{{ land('raw', 'clickstream_events', reads_on=true) }}
