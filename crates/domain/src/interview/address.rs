//! Addresses: cleaned on the way in, and checked against the units of today.

use super::accept::{check_text, known_option};
use super::fault::AnswerFault;
use super::lists::Lists;
use crate::answer::Address;
use crate::procedure::ListName;
use crate::text::clean;

/// Characters that each line of an address may have.
pub const ADDRESS_CHARS_MAX: u32 = 500;

pub(super) fn cleaned(address: &Address) -> Address {
    Address {
        country: clean(&address.country).to_uppercase(),
        province: clean(&address.province),
        commune: clean(&address.commune),
        detail: clean(&address.detail),
        old_text: clean(&address.old_text),
    }
}

pub(super) fn check_address(
    address: &Address,
    detail_required: bool,
    lists: &Lists,
) -> Result<(), AnswerFault> {
    check_text(&address.detail, ADDRESS_CHARS_MAX)?;
    check_text(&address.old_text, ADDRESS_CHARS_MAX)?;
    known_option(lists.label(ListName::Nationalities, &address.country).is_some())?;
    let at_home = address.country == "VN";
    if at_home {
        check_units(address, lists)?;
    }
    // Abroad the detail is the whole address.
    let bare = address.detail.is_empty() && (detail_required || !at_home);
    if bare {
        Err(AnswerFault::AddressDetail)
    } else {
        Ok(())
    }
}

fn check_units(address: &Address, lists: &Lists) -> Result<(), AnswerFault> {
    let known = lists
        .units
        .province(&address.province)
        .zip(lists.units.commune(&address.commune));
    match known {
        None => Err(AnswerFault::AddressIncomplete),
        Some((province, commune)) if commune.province != province.code => {
            Err(AnswerFault::CommuneNotInProvince)
        }
        Some(_) => Ok(()),
    }
}
