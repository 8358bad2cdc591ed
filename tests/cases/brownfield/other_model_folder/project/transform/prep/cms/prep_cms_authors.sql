select author_id, byline from {{ source('cms', 'authors') }}
