{{ land('privacy', 'consent_log') }}
