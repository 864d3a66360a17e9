//! The proxy between here and the PCE.

use std::env;

use ureq::{Proxy, ProxyProtocol};

use crate::failure::Failure;

/// The proxy that the environment names, unless it names the host as one to be reached without.
pub(super) fn proxy_for(host: &str) -> Result<Option<Proxy>, Failure> {
    let variable = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()).map(|text| (name, text)))
    };
    let named = variable(["HTTPS_PROXY", "https_proxy"]).or_else(|| variable(["ALL_PROXY", "all_proxy"]));
    let Some((name, address)) = named else { return Ok(None) };
    let is_http = |proxy: &Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
    let parsed = Proxy::new(&address).ok().filter(is_http).ok_or_else(|| {
        // the address may hold a password
        Failure::new(format!("{name} does not name a usable proxy")).help("write it as http://HOST:PORT")
    })?;
    let mut builder = Proxy::builder(parsed.protocol()).host(parsed.host()).port(parsed.port());
    if let Some(user) = parsed.username() {
        builder = builder.username(user);
    }
    if let Some(password) = parsed.password() {
        builder = builder.password(password);
    }
    let exceptions = variable(["NO_PROXY", "no_proxy"]).map(|(_, text)| text).unwrap_or_default();
    for exception in exceptions.split(',').map(str::trim).filter(|exception| !exception.is_empty()) {
        // for most programs a name covers what is below it too, and a port may follow it
        let exception = exception
            .rsplit_once(':')
            .filter(|(name, port)| !name.contains(':') && port.parse::<u16>().is_ok())
            .map_or(exception, |(name, _)| name);
        builder = builder.no_proxy(exception);
        if !exception.starts_with(['.', '*']) {
            builder = builder.no_proxy(&format!(".{exception}"));
        }
    }
    let unusable =
        |_| Failure::new(format!("{name} does not name a usable proxy")).help("write it as http://HOST:PORT");
    let proxy = builder.build().map_err(unusable)?;
    let uri = format!("https://{host}/").parse().map_err(|_| Failure::new("no PCE is given"))?;
    Ok((!proxy.is_no_proxy(&uri)).then_some(proxy))
}
