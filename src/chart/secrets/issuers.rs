//! The tokens of known issuers, by how they begin and what they are made of.

use std::ops::Range;

/// How the tokens of an issuer begin, how long the rest is at least, and which characters it has beside letters and
/// digits.
struct Shape(&'static str, usize, &'static str);

/// Sources: the issuers' pages on the format of their tokens, as gitleaks, trufflehog and GitHub's "Supported secret
/// scanning patterns" list them; RFC 7519 (JWT, `{"` in Base64 is `eyJ`).
const SHAPES: &[Shape] = &[
    Shape("eyJ", 17, "_-.=+/"), // JWT, and JSON in Base64
    Shape("ghp_", 16, "_"),     // GitHub
    Shape("gho_", 16, "_"),
    Shape("ghu_", 16, "_"),
    Shape("ghs_", 16, "_."),
    Shape("ghr_", 16, "_"),
    Shape("github_pat_", 12, "_"),
    Shape("glpat-", 12, "_-."), // GitLab
    Shape("gldt-", 12, "_-"),
    Shape("glrt-", 12, "_-."),
    Shape("glptt-", 12, "_-"),
    Shape("glcbt-", 12, "_-"),
    Shape("gloas-", 12, "_-"),
    Shape("glagent-", 12, "_-"),
    Shape("GR1348941", 12, "_-"),
    Shape("xoxb-", 8, "-"), // Slack
    Shape("xoxp-", 8, "-"),
    Shape("xoxa-", 8, "-"),
    Shape("xoxr-", 8, "-"),
    Shape("xoxs-", 8, "-"),
    Shape("xoxo-", 8, "-"),
    Shape("xoxe-", 8, "-."),
    Shape("xoxe.", 8, "-."),
    Shape("xapp-", 8, "-"),
    Shape("hvs.", 10, "_-"), // HashiCorp Vault
    Shape("hvb.", 10, "_-"),
    Shape("hvr.", 10, "_-"),
    Shape("atlasv1.", 10, "_-"),
    Shape("sk_live_", 8, ""), // Stripe
    Shape("sk_test_", 8, ""),
    Shape("rk_live_", 8, ""),
    Shape("rk_test_", 8, ""),
    Shape("whsec_", 12, "+/="),
    Shape("sk-", 20, "_-"),  // OpenAI, Anthropic
    Shape("AIza", 20, "_-"), // Google
    Shape("ya29.", 12, "_-."),
    Shape("GOCSPX-", 12, "_-"),
    Shape("1//0", 24, "_-"),
    Shape("AKIA", 16, ""), // AWS
    Shape("ASIA", 16, ""),
    Shape("ABIA", 16, ""),
    Shape("ACCA", 16, ""),
    Shape("LTAI", 12, ""), // Alibaba, Tencent
    Shape("AKID", 24, ""),
    Shape("npm_", 24, ""),
    Shape("pypi-", 16, "_-"),
    Shape("rubygems_", 16, ""),
    Shape("dckr_pat_", 12, "_-"), // Docker
    Shape("dckr_oat_", 12, "_-"),
    Shape("dop_v1_", 16, ""), // DigitalOcean
    Shape("doo_v1_", 16, ""),
    Shape("shpat_", 16, ""), // Shopify
    Shape("shpss_", 16, ""),
    Shape("SG.", 20, "_-."),           // SendGrid
    Shape("AGE-SECRET-KEY-1", 16, ""), // age
    Shape("glsa_", 16, "_"),           // Grafana
    Shape("glc_", 20, "_=+/"),
    Shape("NRAK-", 16, ""), // New Relic
    Shape("NRII-", 16, "_-"),
    Shape("dapi", 32, "-"),     // Databricks
    Shape("hf_", 20, ""),       // Hugging Face
    Shape("lin_api_", 16, ""),  // Linear
    Shape("ATATT3", 20, "_-="), // Atlassian
    Shape("ATBB", 24, "_-="),
    Shape("ATCTT3", 20, "_-="),
    Shape("PMAK-", 16, "-"),    // Postman
    Shape("sq0csp-", 12, "_-"), // Square
    Shape("sq0atp-", 12, "_-"),
    Shape("EAAA", 40, "_-"),
    Shape("tskey-", 12, "-"),   // Tailscale
    Shape("figd_", 16, "_-"),   // Figma
    Shape("xkeysib-", 16, "-"), // Brevo
    Shape("nvapi-", 16, "_-"),  // NVIDIA
    Shape("pul-", 32, ""),      // Pulumi
    Shape("ops_", 40, "_-."),   // 1Password
    Shape("dp.pt.", 16, ""),    // Doppler
    Shape("dp.st.", 16, "_-."),
    Shape("fo1_", 16, "_-"), // Fly.io
    Shape("FlyV1", 16, "_-+/= "),
    Shape("sntrys_", 16, "_+/="), // Sentry
    Shape("sntryu_", 16, ""),
    Shape("phc_", 24, ""),         // PostHog
    Shape("rnd_", 20, ""),         // Render
    Shape("key-", 32, ""),         // Mailgun
    Shape("r8_", 24, ""),          // Replicate
    Shape("v2.local.", 16, "_-."), // PASETO
    Shape("v4.local.", 16, "_-."),
    Shape("HRKU-", 16, "_-"),  // Heroku
    Shape("K10", 48, ":"),     // k3s: "Token types"
    Shape("A3-", 24, "-"),     // 1Password
    Shape("dt0c01.", 24, "."), // Dynatrace
    Shape("dt0s16.", 24, "."),
    Shape("sha256~", 24, "_-"), // OpenShift
    Shape("glffct-", 12, "_-"), // GitLab
    Shape("glft-", 12, "_-"),
    Shape("glimt-", 12, "_-"),
    Shape("glsoat-", 12, "_-"),
    Shape("glrtr-", 12, "_-"),
    Shape("dor_v1_", 16, ""), // DigitalOcean
    Shape("shpca_", 16, ""),  // Shopify
    Shape("shppa_", 16, ""),
    Shape("sk_prod_", 8, ""), // Stripe
    Shape("rk_prod_", 8, ""),
    Shape("pk_", 24, "_"),  // ClickUp
    Shape("NRJS-", 16, ""), // New Relic
    Shape("NRSP-", 16, "_-"),
    Shape("NRRA-", 16, ""),
    Shape("pat.", 20, "._-"), // Harness
    Shape("sat.", 20, "._-"),
    Shape("A3T", 17, ""), // AWS
    Shape("ABSK", 40, "+/="),
    Shape("AKCp", 10, ""), // Artifactory
    Shape("API-", 24, ""), // Octopus Deploy
    Shape("EZAK", 24, ""), // EasyPost
    Shape("EZTK", 24, ""),
    Shape("fm1r_", 24, "+/="), // Fly.io
    Shape("fm2_", 24, "+/="),
    Shape("FLWSECK", 16, "_-"),               // Flutterwave
    Shape("access-", 40, "-"),                // Plaid
    Shape("AAAAAAAAAAAAAAAAAAAAAA", 40, "%"), // X
    Shape("api_", 12, ""),                    // Illumio: the user of an API key
    Shape("s.", 24, ""),                      // Vault before 1.10
    Shape("b.", 24, "_-"),
    Shape("LS0tLS1CRUdJTi", 18, "+/="), // a private key in Base64, and certificates, which are no loss
    Shape("b3BlbnNzaC1rZXktdjE", 8, "+/="), // an OpenSSH key in Base64
    Shape("rzp_live_", 12, ""),         // Razorpay
    Shape("rzp_test_", 12, ""),
    Shape("pat-na1-", 24, "-"), // HubSpot
    Shape("pat-eu1-", 24, "-"),
    Shape("sdk-", 36, "-"),          // LaunchDarkly
    Shape("pscale_tkn_", 16, "_-."), // PlanetScale
    Shape("pscale_pw_", 16, "_-."),
    Shape("pscale_oauth_", 16, "_-."),
    Shape("CFPAT-", 16, "_-"),                       // Contentful
    Shape("nfp_", 16, ""),                           // Netlify
    Shape("AVNS_", 15, "_-"),                        // Aiven
    Shape("django-insecure-", 20, "!@#$%^&*(-_=+)"), // Django
    Shape("xaat-", 30, "-"),                         // Axiom
    Shape("sm_pat_", 12, ""),
    Shape("syt_", 20, "_"), // Synapse
    Shape("rpa_", 30, ""),  // RunPod
    Shape("jina_", 20, "_"),
    Shape("hcaik_", 20, ""), // Honeycomb
    Shape("unkey_", 16, "_"),
    Shape("tr_prod_", 16, ""), // Trigger.dev
    Shape("tr_dev_", 16, ""),
    Shape("cfut_", 20, "_-"), // Cloudflare
    Shape("cfat_", 20, "_-"),
    Shape("SWMTKN-1-", 20, "-"),      // Docker Swarm
    Shape("secret-live-", 16, "_-="), // Stytch
    Shape("secret-test-", 16, "_-="),
    Shape("amzn.mws.", 30, "-"),
    Shape("da2-", 20, ""),         // AWS AppSync
    Shape("sb_secret_", 16, "_-"), // Supabase
    Shape("pnu_", 24, ""),         // Prefect
    Shape("pnb_", 24, ""),
    Shape("persona_production_", 24, "-"),
    Shape("persona_sandbox_", 24, "-"),
    Shape("gcntfy-", 32, "_-"), // GC Notify
    Shape("$2a$", 20, "$./"),   // hashes of passwords: crypt(5)
    Shape("$2b$", 20, "$./"),
    Shape("$2y$", 20, "$./"),
    Shape("$1$", 16, "$./"),
    Shape("$5$", 16, "$./="),
    Shape("$6$", 16, "$./="),
    Shape("$apr1$", 8, "$./"),
    Shape("$argon2", 16, "$./+=,-"),
    Shape("$pbkdf2", 16, "$./+=,-"),
    Shape("{SHA}", 16, "+/="),
    Shape("{SSHA}", 16, "+/="),
];

/// The bytes that a token may begin with: a glance, before any is compared.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut at = 0;
    while at < SHAPES.len() {
        first[SHAPES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    first
};

/// The length of a token of a known issuer at the start of a text.
pub(super) fn known(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !FIRST[bytes[0] as usize] {
        return None;
    }
    let of_shape = |shape: &Shape| {
        let rest = text.strip_prefix(shape.0)?.as_bytes();
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || shape.2.as_bytes().contains(b)).count();
        (length >= shape.1).then_some(shape.0.len() + length)
    };
    SHAPES.iter().filter(|shape| bytes[0] == shape.0.as_bytes()[0]).find_map(of_shape)
}

/// The client secrets of Azure: three signs, a digit, `Q~`, and 31 or more. (gitleaks, "azure-ad-client-secret")
pub(super) fn clients(line: &str, found: &mut impl FnMut(Range<usize>)) {
    const LONGEST: usize = 128;
    let bytes = line.as_bytes();
    let is_of_secret = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~' | b'.');
    for (at, _) in line.match_indices("Q~") {
        let before = bytes[..at].iter().rev().take(LONGEST).take_while(is_of_secret).count();
        let behind = bytes[at + 2..].iter().take(LONGEST).take_while(is_of_secret).count();
        if before >= 4 && behind >= 31 && bytes[at - 1].is_ascii_digit() {
            found(at - before..at + 2 + behind);
        }
    }
}

/// The tokens of bots. Telegram's: the number of one, a colon, 35 characters. (Telegram Bot API, "Authorizing your bot")
/// Discord's: the number of one in Base64, a dot, six characters, a dot, 27 and more. (gitleaks, "discord-client-secret";
/// trufflehog, "discordbottoken")
pub(super) fn bots(line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    for (at, _) in line.match_indices(":AA") {
        let number = bytes[..at].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let is_of_token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let length = bytes[at + 1..].iter().take_while(is_of_token).count();
        if number >= 6 && length >= 30 {
            found(at - number..at + 1 + length);
        }
    }
    let is_of_token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let behind = |at: usize| bytes[at..].iter().take_while(is_of_token).count();
    for (at, _) in line.match_indices('.') {
        let end = at + 1 + behind(at + 1);
        if end - at != 7 || bytes.get(end) != Some(&b'.') {
            continue;
        }
        let (before, last) = (bytes[..at].iter().rev().take_while(is_of_token).count(), behind(end + 1));
        if before >= 23 && last >= 27 {
            found(at - before..end + 1 + last);
        }
    }
}

/// The tokens with which a node joins a cluster: six signs, a dot, sixteen. (kubeadm, "Token format")
pub(super) fn joining(line: &str, found: &mut impl FnMut(Range<usize>)) {
    const ID: usize = 6;
    const SECRET: usize = 16;
    let bytes = line.as_bytes();
    let is_of_token = |b: &&u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    for (at, _) in line.match_indices('.') {
        let before = bytes[..at].iter().rev().take_while(is_of_token).count();
        let behind = bytes[at + 1..].iter().take_while(is_of_token).count();
        let ends = bytes
            .get(at + 1 + behind)
            .is_none_or(|b| !matches!(b, b'.' | b'/' | b'-' | b'_') && !b.is_ascii_alphanumeric());
        let digits = bytes[at + 1..at + 1 + behind].iter().filter(|b| b.is_ascii_digit()).count();
        if before == ID && behind == SECRET && ends && digits > 1 {
            found(at - before..at + 1 + behind);
        }
    }
}
