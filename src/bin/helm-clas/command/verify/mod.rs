//! `helm clas verify`: asks the cluster and the PCE, once or until all is right.

mod attempt;
pub(crate) mod before;
mod clock;
mod question;
mod said;

pub(crate) use self::{
    clock::{now, time},
    question::{Of, Question},
    said::{below_of, pce_of, software_of, without_helm},
};

use std::process::ExitCode;

use helm_clas::{
    ClusterValues, Id,
    report::{
        self,
        verify::{Around, Onward},
        way::Commands,
    },
    verify::{Facts, Outcome},
};

use self::said::{below, spot_of};
use crate::{
    args::{Everywhere, Verify, VerifyForm},
    command::ways::{Place, pce_version},
    failure::Failure,
    output::Output,
    workspace::{cluster_values, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, verify: &Verify, output: &mut Output) -> Result<ExitCode, Failure> {
    let has_options = verify.set.given().next().is_some();
    let meant = Meant::by(&verify.files, verify.path.as_deref(), has_options, output);
    let Meant { files, path, .. } = meant.of_one_release(verify.release.as_deref())?;
    let verify = &Verify { files, path, ..verify.clone() };
    if verify.before {
        return before::run(everywhere, verify, output);
    }
    let values = cluster_values(&verify.files, verify.path.as_deref(), &verify.set)?;
    let mut question = Question::of(everywhere, verify, &values, output)?;
    let (facts, checked) = match verify.wait {
        None => question.asked(None, Of::Everything)?,
        Some(longest) => question.asked_until_right(longest, None, output)?,
    };
    let around = Around::After(&facts);
    let onward = facts.ways().map(|ways| (ways, commands(everywhere, verify, &values, &facts)));
    let onward = onward.as_ref().map(|(ways, commands)| Onward { ways, commands });
    match verify.output {
        VerifyForm::Text => {
            let below = onward.map(|onward| onward.text()).unwrap_or_default();
            output.answer(&(report::verify::text(around, &checked) + &below));
        }
        VerifyForm::Json => output.answer(&report::verify::json(around, &checked, onward)),
        VerifyForm::Markdown => {
            let below = onward.map(|onward| onward.markdown()).unwrap_or_default();
            output.answer_raw(&(report::verify::markdown(around, &checked) + &below));
        }
    }
    Ok(if Outcome::of(&checked) == Outcome::Right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The commands of the attempt that the release is in. What a controller brings, an umbrella chart, and what no file
/// says is not upgraded by a step of ours.
fn commands<'f>(everywhere: &Everywhere, verify: &Verify, values: &ClusterValues, facts: &'f Facts) -> Commands<'f> {
    let release = facts.release();
    let is_ours = !verify.files.is_empty() && values.release.is_none();
    let is_ours = is_ours && below(&verify.files, verify.path.as_deref()).is_none();
    let account = facts.release.account.answer().and_then(|answer| answer.as_ref().ok()?.as_ref());
    let Some(account) = account.filter(|_| is_ours) else {
        let controller = values.release.as_ref().and_then(Id::title);
        return Commands { release, controller, ..Commands::default() };
    };
    let pce_version = pce_version(&verify.pce);
    let place = Place {
        release,
        values: verify.place_options(),
        pce: verify.asking(everywhere),
        pce_version,
        spot: spot_of(verify),
    };
    let newer = account.upgrade_to(&facts.release.expected, Some(facts.goal));
    let upgrade = newer.map(|version| place.upgrade(&version));
    Commands { upgrade, ..place.commands(account, Some(facts.goal), facts.pce_mode()) }
}
