"""Who a visitor is, as far as a limit has to know."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest


def network_of(request: HttpRequest) -> str | None:
    """The address of a visitor; of IPv6 the network of 64 bits, within which a visitor has any number.

    None where there is no address, as behind a socket of this machine. What of the headers of proxies is
    believed, `interviewprep.middleware.trusted_proxy` has decided.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False).network_address)
