select campaign_id, channel, started_on from {{ source('ads', 'campaigns') }}
