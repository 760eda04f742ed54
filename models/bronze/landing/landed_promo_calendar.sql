{{ land('marketing', 'promo_calendar') }}
