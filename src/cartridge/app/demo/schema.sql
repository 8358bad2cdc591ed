create table countries (
    country_code varchar not null primary key,
    name varchar not null,
    region varchar not null,
    currency_code varchar not null
);
comment on table countries is 'Countries that the shop delivers to.';
comment on column countries.country_code is 'ISO 3166-1 code of two letters.';
comment on column countries.currency_code is 'ISO 4217 code of the currency that is paid there.';

create table customers (
    id integer not null primary key,
    first_name varchar not null,
    last_name varchar not null,
    email varchar not null unique,
    phone varchar,
    birth_date date,
    newsletter boolean not null,
    created_at timestamp not null
);
comment on table customers is 'People who have an account with the shop.';
comment on column customers.email is 'Address that the account was confirmed with.';
comment on column customers.newsletter is 'Whether the customer takes the monthly newsletter.';

create table addresses (
    id integer not null primary key,
    customer_id integer not null references customers (id),
    street varchar not null,
    city varchar not null,
    postal_code varchar,
    country_code varchar not null references countries (country_code)
);
comment on table addresses is 'Postal addresses of customers; one customer may have several.';

create table employees (
    id integer not null primary key,
    first_name varchar not null,
    last_name varchar not null,
    job_title varchar not null,
    manager_id integer references employees (id),
    hired_on date not null
);
comment on table employees is 'Staff of the shop.';
comment on column employees.manager_id is 'Whom the employee reports to; empty for the head of the shop.';

create table categories (
    id integer not null primary key,
    name varchar not null,
    parent_id integer references categories (id)
);
comment on table categories is 'Tree of product categories.';
comment on column categories.parent_id is 'The category above; empty at the top.';

create table suppliers (
    id integer not null primary key,
    company_name varchar not null,
    contact_email varchar,
    country_code varchar not null references countries (country_code)
);
comment on table suppliers is 'Companies that the shop buys from.';

create table products (
    id integer not null primary key,
    sku varchar not null unique,
    name varchar not null,
    category_id integer not null references categories (id),
    supplier_id integer not null references suppliers (id),
    list_price decimal(10, 2) not null,
    purchase_price decimal(10, 2) not null,
    weight_grams integer,
    discontinued boolean not null,
    created_at timestamp not null
);
comment on table products is 'Articles on sale, and those that were.';
comment on column products.sku is 'Stock keeping unit, as printed on the label.';
comment on column products.list_price is 'Price of one piece in euros, before discounts.';
comment on column products.purchase_price is 'What the supplier is paid for one piece, in euros.';

create table tags (
    id integer not null primary key,
    label varchar not null unique
);
comment on table tags is 'Words that products are found by.';

create table product_tags (
    product_id integer not null references products (id),
    tag_id integer not null references tags (id),
    primary key (product_id, tag_id)
);
comment on table product_tags is 'Which product bears which tag.';

create table order_statuses (
    code varchar not null primary key,
    label varchar not null,
    final boolean not null
);
comment on table order_statuses is 'States that an order passes through.';
comment on column order_statuses.final is 'Whether an order stays in this state.';

create table orders (
    id integer not null primary key,
    customer_id integer not null references customers (id),
    status_code varchar not null references order_statuses (code),
    billing_address_id integer not null references addresses (id),
    shipping_address_id integer not null references addresses (id),
    employee_id integer references employees (id),
    ordered_at timestamp not null,
    shipped_at timestamp,
    delivered_at timestamp,
    shipping_fee decimal(10, 2) not null,
    coupon_code varchar
);
comment on table orders is 'Orders as placed by customers.';
comment on column orders.employee_id is 'Who took the order by telephone; empty for orders from the web.';
comment on column orders.shipping_fee is 'What the customer pays for delivery, in euros.';

create table order_items (
    order_id integer not null references orders (id),
    line_number integer not null,
    product_id integer not null references products (id),
    quantity integer not null,
    unit_price decimal(10, 2) not null,
    discount_percent integer not null,
    primary key (order_id, line_number)
);
comment on table order_items is 'Lines of an order: one product each.';
comment on column order_items.unit_price is 'Price of one piece on the day of the order, in euros.';

create table payments (
    id integer not null primary key,
    order_id integer not null references orders (id),
    method varchar not null,
    amount decimal(10, 2) not null,
    paid_at timestamp not null
);
comment on table payments is 'Money received for orders; an order may be paid in two parts.';

create table returns (
    id integer not null primary key,
    order_id integer not null,
    line_number integer not null,
    quantity integer not null,
    reason varchar,
    refund_amount decimal(10, 2) not null,
    returned_at timestamp not null,
    foreign key (order_id, line_number) references order_items (order_id, line_number)
);
comment on table returns is 'Order lines that came back, wholly or in part.';
comment on column returns.reason is 'What the customer gave as the reason; often nothing.';

create table reviews (
    id integer not null primary key,
    product_id integer not null references products (id),
    customer_id integer not null references customers (id),
    rating integer not null,
    body varchar,
    created_at timestamp not null
);
comment on table reviews is 'What customers say of products.';
comment on column reviews.rating is 'One star to five.';

create table web_events (
    id bigint not null primary key,
    occurred_at timestamp not null,
    session_id varchar not null,
    customer_id integer references customers (id),
    product_id integer references products (id),
    event_type varchar not null,
    page_path varchar not null,
    referrer varchar,
    device varchar not null
);
comment on table web_events is 'Clicks and page views of the web shop.';
comment on column web_events.customer_id is 'Who was signed in; empty for visitors.';

create table alembic_version (
    version_num varchar not null primary key
);
