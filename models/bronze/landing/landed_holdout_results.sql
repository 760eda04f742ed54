{{ land('experiments', 'holdout_results') }}
