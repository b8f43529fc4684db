//! The stories: whole walks with real programs, real files and a bad network. No window.
//!
//! Build the programs first: `cargo build -p cli -p service -p verifier`. Each story has a control beside it that must fail,
//! so that a checker that has gone blind is seen.

mod acknowledgement_lost;
mod backup_and_restore;
mod bad_disk;
mod bad_input;
mod bad_network;
mod card;
mod catalogue;
mod certificate_renewed;
mod drill;
mod every_pin_forgotten;
mod every_procedure;
mod field_laptop;
mod first_dossier;
mod index_rebuilt;
mod life_event;
mod life_of_the_data;
mod machine_key_lost;
mod no_network_at_all;
mod offline_day;
mod older_program;
mod paper_bomb;
mod papers_in;
mod people_and_rights;
mod power_cut_mid_send;
mod printer_out_of_paper;
mod province_heals;
mod province_restored;
mod same_matter;
mod saturday_40_km;
mod scanners_folder;
mod send_now;
mod sheet_of_papers;
mod side_by_side;
mod taken_back;
mod text_on_a_paper;
mod two_copies;
mod verify_receipt_offline;
mod village_day;
mod void_slip;
mod volunteers_shift;
mod way_on_paper;
mod wrong_clock;
