-- One campaign per channel of the file, whole shop (no SKU): the channel named here wins over the channel rules, which would
-- put Facebook and Instagram together.
select *
from (
    values
    ('facebook', 'facebook', 'Facebook', 'facebook'),
    ('instagram', 'facebook', 'Instagram', 'instagram'),
    ('online_display', 'google', 'Online Display', 'online_display'),
    ('online_video', 'google', 'Online Video', 'online_video'),
    ('paid_search', 'google', 'Paid Search', 'paid_search')
) as campaigns (campaign_id, platform, campaign_name, channel)
