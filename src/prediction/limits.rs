//! Timeouts: forms know none, so that answers may hardly ever come after them.

use super::Says;
use super::delays::Sum;
use super::judge::Place;
use super::sheet::Sheet;
use super::without_cache::{Offered, wait};
use crate::random::Distribution;
use crate::time::Span;
use crate::world::WorldConfig;

/// A timeout that strikes less often than this is taken as none.
const LATE_FEW: f64 = 1e-4;

/// Whether nobody ever gives up.
pub(super) fn is_patient(world: &WorldConfig) -> bool {
    world.cache.timeout.is_none() && world.database.timeout.is_none()
}

/// Answers that are not waited for come in time.
pub(super) fn timeouts(world: &WorldConfig, sheet: &mut Sheet) -> Result<(), String> {
    let (cache, database) = (&world.cache, &world.database);
    let trips = [
        ("cache", cache.timeout, [&cache.link, &cache.link, &cache.service]),
        ("database", database.timeout, [&database.link, &database.link, &database.read]),
        ("database", database.timeout, [&database.link, &database.link, &database.write]),
    ];
    for (whose, timeout, trip) in trips {
        let Some(timeout) = timeout else { continue };
        few(whose, Sum(trip.to_vec()).tail(timeout.as_secs_f64()))?;
    }
    for (whose, ..) in trips.iter().filter(|(_, timeout, _)| timeout.is_some()) {
        sheet.assume(format!("Hardly an answer of the {whose} comes after its timeout."));
    }
    Ok(())
}

fn few(whose: &str, late: f64) -> Result<(), String> {
    if late <= LATE_FEW {
        return Ok(());
    }
    Err(format!("{:.2} % of the {whose}'s answers come after its timeout", late * 100.0))
}

/// Answers that wait for a connection come in time, too, at the load that was found.
pub(super) fn after_waits(place: &Place<'_>, sheet: &Sheet) -> Result<(), String> {
    let database = &place.world.database;
    let Some(timeout) = database.timeout else { return Ok(()) };
    let (
        Some(Says::Value { value: reads_per_s, .. }),
        Some(Says::Value { value: writes_per_s, .. }),
    ) = (sheet.of("db_reads_per_s"), sheet.of("db_writes_per_s"))
    else {
        return Err("whether answers come before their timeout depends on a load that has no form"
            .to_owned());
    };
    let each = |reads_per_s, writes_per_s| Offered { reads_per_s, writes_per_s };
    let offered = match place.reads_replicas() {
        false => vec![each(*reads_per_s, *writes_per_s)],
        true => {
            vec![each(*reads_per_s / f64::from(database.replicas), 0.0), each(0.0, *writes_per_s)]
        }
    };
    for offered in offered {
        let wait = wait(place, offered)?;
        // Who waits, waits for about an exponential time.
        let waiting = Distribution::Exponential(Span((wait.of_those_who_wait_s() * 1e9) as u64));
        let asked =
            [(offered.reads_per_s, &database.read), (offered.writes_per_s, &database.write)];
        for (_, service) in asked.into_iter().filter(|(rate, _)| *rate > 0.0) {
            let mut trip = Sum(vec![&database.link, &database.link, service]);
            let at_once = trip.tail(timeout.as_secs_f64());
            trip.0.push(&waiting);
            let waited = trip.tail(timeout.as_secs_f64());
            few("database", wait.share * waited + (1.0 - wait.share) * at_once)?;
        }
    }
    Ok(())
}
