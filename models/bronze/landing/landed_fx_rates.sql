{{ land('finance', 'fx_rates') }}
