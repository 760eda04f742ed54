-- When a version was published last, whichever of them consumers read. One row: null before the
-- first.
select max(versions.published_at) as last_published_at
from {{ previously('published', 'versions', {'published_at': 'timestamp'}) }} as versions
