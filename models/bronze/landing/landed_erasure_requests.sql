{{ land('privacy', 'erasure_requests') }}
