// Words about how a dossier is handed in, about what was not verified, and about a last day that is near.

export const vi = {
  ways_title: "Nộp bằng cách nào?",
  ways_choose: "Nộp bằng cách nào? Xin chọn một.",
  ways_chosen: "Cách nộp",
  check_missing_standing: "Chưa ghi người nộp là gì của chủ hồ sơ, hay được ủy quyền",
  check_missing_channel: "Chưa chọn cách nộp: lệ phí và thời gian khác nhau",
  unverified_title: "Chưa kiểm chứng, xin hỏi lại trước khi nói với dân",
  paper_unverified: "chưa kiểm chứng",
  deadline_on_paper: "Không có mạng và sắp hết hạn: xin nộp giấy ngay hôm nay.",
  deadline_form: "In tờ khai để nộp giấy",
} as const;

export const en: Record<keyof typeof vi, string> = {
  ways_title: "Ways to file",
  ways_choose: "How is it filed? Please choose one.",
  ways_chosen: "How it is filed",
  check_missing_standing: "Not noted yet: what the person filing is to the owner, or whether authorised",
  check_missing_channel: "No way of filing chosen yet: fee and time differ",
  unverified_title: "Not verified: please ask before telling the citizen",
  paper_unverified: "not verified",
  deadline_on_paper: "No network and the deadline is near: please file on paper today.",
  deadline_form: "Print the form to file on paper",
};
