{{ land('marketing', 'campaign_config') }}
