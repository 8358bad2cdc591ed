select
    articles.article_id,
    articles.headline,
    authors.byline
from {{ ref('prep_cms_articles') }} as articles
left join {{ ref('prep_cms_authors') }} as authors
    on articles.author_id = authors.author_id
