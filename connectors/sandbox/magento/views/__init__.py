"""What each route answers. Importing this package registers all of them."""

from connectors.sandbox.magento.views import (  # noqa: F401 (imported to register their routes)
    catalog,
    customers,
    inventory,
    returns,
    sales,
    stores,
    writes,
)
