//! Why a rule may not be a mandatory one, in words.

use super::list;
use crate::policy::proof::Doubt;

/// Why a rule may not be the mandatory one.
pub(in crate::policy) fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::NotHeld { lists, block } => format!("the IP list {lists} does not contain {block}"),
        Doubt::UnknownList(words) => format!("the content of the {words} is not known"),
        Doubt::ServiceCidr { lists, seen: 0 } => {
            format!("it is not known whether the IP list {lists} contains the Service CIDR")
        }
        Doubt::ServiceCidr { lists, seen } => format!(
            "it is not known whether the IP list {lists} contains the Service CIDR (it matches all {seen} service \
             addresses that were seen)"
        ),
        Doubt::Nodes(words) => format!("it is not known whether every node is {words}"),
        Doubt::Scope => "it is not known whether every node is in the scope of its rule set".to_owned(),
        Doubt::Pods { name, said } => format!("it is not known whether {name} is {said}"),
        Doubt::Pce(list) => format!("it is not known whether the IP list {list} contains the PCE"),
        Doubt::UserGroups => {
            "it is only for members of user groups (consuming_security_principals), and nodes are not \
             members"
                .to_owned()
        }
        Doubt::Narrowed(field) => format!("its field `{field}` narrows it"),
        Doubt::NotDocumented(field) => format!("the effect of its field `{field}` in CLAS is not documented"),
        Doubt::OfProcesses(service) => format!("its service `{service}` is only for certain processes"),
        Doubt::NotUnderstood(fields) => format!("this tool does not know its fields {}", list(fields)),
        Doubt::Overridden { title, set } => format!("{title} of `{set}` overrides it, or may"),
        Doubt::Enforcement { namespace, mode } => format!("the namespace {namespace} is in enforcement mode `{mode}`"),
    }
}
