//! Every refusal has one meaning, and none of them loops or drops an item.

use super::*;

fn refused(status: u16, code: Option<ProblemCode>) -> Refused {
    Refused {
        status: StatusCode::from_u16(status).unwrap(),
        code,
        retry_after: Some(Duration::from_secs(7)),
    }
}

#[test]
fn every_refusal_has_one_meaning() {
    use Call::{Item, Link, Upload};
    use ProblemCode as P;
    let busy = Failure::Server {
        retry_after: Some(Duration::from_secs(7)),
    };
    let nobody_knows = |status| Failure::Unknown(UnknownAnswer { status });
    let table = [
        (200, None, Link, Failure::NotTheService),
        (200, None, Item, Failure::NotTheService),
        (302, None, Item, Failure::NotTheService),
        (401, None, Item, Failure::Session),
        (401, Some(P::SessionNeeded), Link, Failure::Session),
        (403, Some(P::DeviceRevoked), Link, Failure::DeviceRefused),
        (403, Some(P::DeviceRefused), Item, Failure::DeviceRefused),
        (403, Some(P::EnrolCodeRefused), Link, Failure::EnrolCode),
        (403, None, Item, Failure::Held(HeldReason::UnknownAnswer)),
        (403, None, Link, nobody_knows(403)),
        (404, None, Link, nobody_knows(404)),
        (404, Some(P::NotFound), Link, nobody_knows(404)),
        (400, Some(P::Malformed), Link, nobody_knows(400)),
        (402, None, Link, nobody_knows(402)),
        (409, Some(P::Unknown), Link, nobody_knows(409)),
        // Words about a dossier where none was named.
        (409, Some(P::Fork), Link, nobody_knows(409)),
        (409, Some(P::MismatchingUploadOffset), Link, nobody_knows(409)),
        (413, Some(P::TooLarge), Link, nobody_knows(413)),
        (413, None, Link, nobody_knows(413)),
        (418, Some(P::Unknown), Link, nobody_knows(418)),
        (422, Some(P::ManifestRefused), Link, nobody_knows(422)),
        (451, None, Link, nobody_knows(451)),
        (408, None, Link, busy),
        (404, Some(P::NotFound), Upload, Failure::Resume),
        (
            404,
            Some(P::NotFound),
            Item,
            Failure::Held(HeldReason::UnknownAnswer),
        ),
        (409, Some(P::Fork), Item, Failure::Held(HeldReason::Fork)),
        (
            409,
            Some(P::WithdrawalTooLate),
            Item,
            Failure::Held(HeldReason::WithdrawalTooLate),
        ),
        (
            403,
            Some(P::NotThisCounters),
            Item,
            Failure::Held(HeldReason::NotThisCounters),
        ),
        (409, Some(P::MismatchingUploadOffset), Upload, Failure::Resume),
        (410, None, Upload, Failure::Resume),
        (413, None, Item, Failure::Held(HeldReason::TooLarge)),
        (
            413,
            Some(P::TooLarge),
            Upload,
            Failure::Held(HeldReason::TooLarge),
        ),
        (
            418,
            Some(P::Unknown),
            Item,
            Failure::Held(HeldReason::UnknownAnswer),
        ),
        (422, Some(P::SegmentDamaged), Upload, Failure::Damaged),
        (
            422,
            Some(P::ManifestRefused),
            Item,
            Failure::Held(HeldReason::FormRefused),
        ),
        (
            422,
            Some(P::EnvelopeTooNew),
            Item,
            Failure::Held(HeldReason::CatalogueUnknown),
        ),
        (
            422,
            Some(P::Unknown),
            Upload,
            Failure::Held(HeldReason::UnknownAnswer),
        ),
        (429, None, Link, busy),
        (500, None, Item, busy),
        (503, Some(P::Busy), Item, busy),
        (507, Some(P::StorageFull), Upload, busy),
        (599, Some(P::Unknown), Item, busy),
    ];
    for (status, code, call, wanted) in table {
        assert_eq!(
            of_refusal(refused(status, code), call),
            wanted,
            "{status} {code:?} {call:?}"
        );
    }
}

#[test]
fn every_code_that_the_service_writes_is_read_and_no_4xx_of_an_item_loops() {
    for code in ProblemCode::ALL {
        let failure = of_refusal(refused(code.status(), Some(*code)), Call::Item);
        let mended_elsewhere = matches!(
            failure,
            Failure::Session | Failure::DeviceRefused | Failure::EnrolCode | Failure::Server { .. }
        );
        let item = failure.scope() == Scope::Item;
        assert!(mended_elsewhere || item, "{code:?}: {failure:?}");
    }
}

/// No refusal of the link is taken for an item's, which would leave the breaker closed and the link asked without rest;
/// and no 4xx for a busy province but those that say so.
#[test]
fn every_refusal_of_the_link_stops_the_link() {
    let codes = ProblemCode::ALL.iter().copied().map(Some).chain([None]);
    for code in codes {
        for status in 400..600 {
            let failure = of_refusal(refused(status, code), Call::Link);
            assert_ne!(failure.scope(), Scope::Item, "{status} {code:?}: {failure:?}");
            let says_so = matches!(status, 408 | 425 | 429 | 500..);
            if code.is_none() && !says_so {
                assert!(
                    !matches!(failure, Failure::Server { .. }),
                    "{status} is no busy province"
                );
            }
        }
    }
}

#[test]
fn a_tls_error_is_found_however_deep_it_lies() {
    let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let nested = std::io::Error::other(std::io::Error::other(tls));
    assert!(matches!(
        tls_cause(&nested),
        Some(rustls::Error::InvalidCertificate(_))
    ));
    assert!(tls_cause(&std::io::Error::other("x")).is_none());
}

#[test]
fn a_row_that_waits_tells_its_own_failure_and_nobody_elses() {
    for own in [Failure::Resume, Failure::Damaged] {
        assert_eq!(Failure::of_waiting_row(own.as_str()), Some(own));
        assert_eq!(own.scope(), Scope::Item);
    }
    let held = Failure::Held(HeldReason::Fork);
    for other in [Failure::Network, Failure::Certificate, held] {
        assert_eq!(Failure::of_waiting_row(other.as_str()), None, "{other:?}");
    }
    assert_eq!(Failure::of_waiting_row("crashed_twice"), None);
}
