select article_id, author_id, headline, published_at from {{ source('cms', 'articles') }}
