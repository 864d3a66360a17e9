//! Why a rule may not be a mandatory one, in words.

use super::list;
use crate::policy::proof::Doubt;

/// Why a rule may not be the mandatory one.
pub(in crate::policy) fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::NotHeld { lists, block } => format!("the IP list {lists} does not hold {block}"),
        Doubt::UnknownList(words) => format!("what the {words} holds is not known"),
        Doubt::ServiceCidr { lists, seen: 0 } => {
            format!("whether the IP list {lists} holds the Service CIDR is not known")
        }
        Doubt::ServiceCidr { lists, seen } => format!(
            "whether the IP list {lists} holds the Service CIDR is not known (it fits all {seen} service addresses that \
             were seen)"
        ),
        Doubt::Nodes(words) => format!("whether every node is {words} is not known"),
        Doubt::Scope => "whether every node is in the scope of its rule set is not known".to_owned(),
        Doubt::Pods { name, said } => format!("whether {name} is {said} is not known"),
        Doubt::Pce(list) => format!("whether the IP list `{list}` holds the PCE is not known"),
        Doubt::UserGroups => {
            "it is for members of user groups only (consuming_security_principals), which nodes are not".to_owned()
        }
        Doubt::Narrowed(field) => format!("its field `{field}` narrows it"),
        Doubt::NotDocumented(field) => format!("what its field `{field}` does in CLAS is not documented"),
        Doubt::OfProcesses(service) => format!("its service `{service}` is for certain processes only"),
        Doubt::NotUnderstood(fields) => format!("this tool does not know its fields {}", list(fields)),
        Doubt::Overridden { title, set } => format!("{title} of `{set}` overrides it, or may"),
        Doubt::Enforcement { namespace, mode } => format!("the namespace {namespace} is in enforcement mode `{mode}`"),
    }
}
