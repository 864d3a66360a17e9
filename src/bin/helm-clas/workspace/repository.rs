//! Repositories by their addresses, and branches by their names.

/// A repository by its address, whichever way it is reached: `git.example.com/team/fleet`.
pub(super) fn repository(url: &str) -> String {
    let url = url.trim().trim_end_matches('/').trim_end_matches(".git");
    let address = match url.split_once("://") {
        // a port is one of the way
        Some((_, rest)) => match rest.split_once('/') {
            Some((host, path)) => {
                format!("{}/{path}", host.rsplit('@').next().unwrap_or(host).split(':').next().unwrap_or(host))
            }
            None => rest.to_owned(),
        },
        None => url.split_once(':').map_or(url.to_owned(), |(host, path)| {
            format!("{}/{}", host.rsplit('@').next().unwrap_or(host), path.trim_start_matches('/'))
        }),
    };
    match address.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_ascii_lowercase()),
        None => address,
    }
}

/// Whether a branch is one that stays, by its name: what is ahead on it need not come to another one as it is.
pub(super) fn is_long_lived(branch: &str) -> bool {
    const NAMES: [&str; 15] = [
        "main",
        "master",
        "trunk",
        "default",
        "dev",
        "develop",
        "development",
        "test",
        "qa",
        "stage",
        "staging",
        "prod",
        "production",
        "live",
        "release",
    ];
    let first = branch.split(['/', '-']).next().unwrap_or_default();
    NAMES.contains(&branch) || ["release", "env", "environment"].contains(&first)
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn a_repository_is_one_whichever_way_it_is_reached() {
        for url in [
            "https://git.example.com/team/fleet.git",
            "https://me:secret@Git.example.com:8443/team/fleet/",
            "git@git.example.com:team/fleet.git",
            "ssh://git@git.example.com:22/team/fleet",
            "git.example.com:/team/fleet",
        ] {
            assert_eq!(repository(url), "git.example.com/team/fleet", "{url}");
        }
        assert_ne!(repository("https://git.example.com/team/other"), "git.example.com/team/fleet");
    }
}
