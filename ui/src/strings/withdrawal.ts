// The words around taking a sealed dossier back, on both screens.

export const vi = {
  withdraw: "Rút hồ sơ",
  withdraw_title: "Người dân muốn rút hồ sơ này?",
  withdraw_lead: "Chưa gửi thì hồ sơ nằm lại ở quầy. Đã gửi thì yêu cầu rút tự gửi lên tỉnh. Tỉnh đã cấp mã thì không rút ở quầy được nữa.",
  withdraw_by_person: "Người dân tự bấm rút",
  withdraw_by_person_lead: "Người dân đang ở đây và bấm trên màn hình của họ.",
  withdraw_by_witness: "Người làm chứng bấm thay",
  withdraw_by_witness_lead: "Người dân không tự bấm được, có người khác đứng cạnh nghe và bấm thay.",
  withdraw_witness_ask: "Đưa lên màn hình người dân",
  withdraw_consent: "Ghi nhận rút đồng ý",
  withdraw_consent_lead: "Người dân nói rút lại sự đồng ý; cán bộ ghi nhận, ngay lập tức.",
  withdraw_no: "Thôi, không rút",
  withdraw_asking: "Đang hỏi người dân trên màn hình của họ: có rút hồ sơ này không?",
  c_withdraw_no: "Không rút",
  c_withdraw_yes: "Đúng, tôi xin rút",
  c_withdraw_witness_yes: "Tôi làm chứng: xin rút",
} as const;

export const en: Record<keyof typeof vi, string> = {
  withdraw: "Withdraw",
  withdraw_title: "Does the person withdraw this dossier?",
  withdraw_lead: "What has not gone stays at the counter. For what has gone, the withdrawal goes to the province by itself. Once there is an official code, it can no longer be withdrawn here.",
  withdraw_by_person: "The person presses it",
  withdraw_by_person_lead: "They are here and press on their own screen.",
  withdraw_by_witness: "A witness presses for them",
  withdraw_by_witness_lead: "They cannot press; somebody else stands by, hears them and presses.",
  withdraw_witness_ask: "Show it on their screen",
  withdraw_consent: "Note that consent was withdrawn",
  withdraw_consent_lead: "They say that they take their consent back; you write it down, at once.",
  withdraw_no: "No, leave it",
  withdraw_asking: "The person is being asked on their screen whether they withdraw this dossier.",
  c_withdraw_no: "Do not withdraw",
  c_withdraw_yes: "Yes, I withdraw it",
  c_withdraw_witness_yes: "I witness it: they withdraw",
};
