// What was not verified, in English: beside the Vietnamese words of a procedure's own file, which are what one asks about. A
// source of a published catalogue that is not here stands alone.

const ENGLISH: Record<string, string> = {
  "Đường nộp qua hệ thống của tỉnh: Nghị định 224/2026/NĐ-CP thu hẹp hệ thống của tỉnh từ 1/7/2026; chưa thấy danh mục dịch vụ tập trung. Hỏi tỉnh trước khi tin.":
    "Filing through the province's own system: Decree 224/2026/NĐ-CP narrows the provinces' systems from 1 July 2026, and no list of centralised services was seen yet. Ask the province before relying on it.",
  "Mã thủ tục ghi theo trí nhớ: Chưa thấy trang thủ tục trên Cổng. Hai nguồn công khai thứ cấp cũng ghi mã này cho xác định mức độ khuyết tật. Đối chiếu rồi mới đổi thành V để đưa ra cho người dân.":
    "Code of the procedure, from memory: its page on the portal was not seen. Two secondary public sources have the same code for assessing a degree of disability. Compare it before showing it to the citizen.",
  "Luật Người khuyết tật và thông tư hướng dẫn, theo trí nhớ: Chưa đối chiếu mẫu và thời hạn.":
    "The Law on Persons with Disabilities and its circular, from memory: form and time were not compared.",
  "Mã thủ tục ghi theo trí nhớ: Chưa thấy trang thủ tục trên Cổng. Hai nguồn công khai thứ cấp cũng ghi mã này cho hỗ trợ mai táng đối tượng bảo trợ xã hội. Đối chiếu rồi mới đổi thành V để đưa ra cho người dân.":
    "Code of the procedure, from memory: its page on the portal was not seen. Two secondary public sources have the same code for funeral support for people under social protection. Compare it before showing it to the citizen.",
  "Nghị định 20/2021/NĐ-CP, Nghị định 76/2024/NĐ-CP, theo trí nhớ: Chưa đối chiếu điều kiện, mẫu và thời hạn.":
    "Decrees 20/2021/NĐ-CP and 76/2024/NĐ-CP, from memory: conditions, form and time were not compared.",
  "Mã thủ tục ghi theo trí nhớ: Chưa thấy trang thủ tục trên Cổng. Hai nguồn công khai thứ cấp cũng ghi mã này cho trợ cấp xã hội hằng tháng. Đối chiếu rồi mới đổi thành V để đưa ra cho người dân.":
    "Code of the procedure, from memory: its page on the portal was not seen. Two secondary public sources have the same code for the monthly social allowance. Compare it before showing it to the citizen.",
  "Xem giấy tờ tùy thân khi nộp tại quầy: Cổng không liệt kê giấy tờ tùy thân trong thành phần hồ sơ cư trú.":
    "Showing an identity paper when filing at the counter: the portal lists none among the papers of residence procedures.",
  "Lệ phí gia hạn tạm trú: Trực tuyến: Cổng ghi 5.000 và 7.000 đồng trong cùng một dòng nên để trống. Bản sao cũ của Bộ Công an: cá nhân, hộ gia đình 7.000 trực tuyến; theo danh sách 5.000 đồng một người. Hỏi công an tỉnh trước khi điền.":
    "Fee for prolonging temporary residence: for filing online the portal gives 5,000 and 7,000 VND in one line, so it is left empty. An older copy of the Ministry of Public Security has 7,000 VND online for a person or household, and 5,000 VND a person by a list. Ask the provincial police before entering it.",
  "Nộp trực tiếp thủ tục 1.010039: Cổng không ghi hàng trực tiếp; bước thực hiện ghi nộp đến Công an cấp xã và có tờ khai CT01. Thời hạn suy theo hàng trực tuyến.":
    "Filing procedure 1.010039 in person: the portal has no line for it; its steps say to file with the commune police, and there is a form CT01. The time is taken from the line for filing online.",
  "Giấy tờ, lệ phí và mẫu đơn theo trí nhớ: Chưa thấy trang thủ tục. Hỏi công an xã trước khi yêu cầu người dân nộp.":
    "Papers, fee and form, from memory: the procedure's page was not seen. Ask the commune police before you ask the citizen for anything.",
  "Phí, lệ phí đất đai: Cổng vừa ghi \"Miễn phí\" vừa ghi theo Luật Phí và lệ phí: mức do Hội đồng nhân dân tỉnh quy định, nên để trống.":
    "Land fees: the portal says both “free” and “by the Law on Fees and Charges”, which leaves the amount to the Provincial People's Council; so it is left empty.",
  "Mã thủ tục ghi theo trí nhớ: Chưa thấy trang thủ tục trên Cổng. Hai nguồn công khai thứ cấp cũng ghi mã này cho trợ cấp hưu trí xã hội. Đối chiếu rồi mới đổi thành V để đưa ra cho người dân.":
    "Code of the procedure, from memory: its page on the portal was not seen. Two secondary public sources have the same code for the social pension allowance. Compare it before showing it to the citizen.",
  "Các trường trên mẫu đơn, theo trí nhớ: Chưa thấy bản gốc của mẫu.":
    "The fields of the form, from memory: its original was not seen.",
  "Mã thủ tục ghi theo trí nhớ: Chưa thấy trang thủ tục trên Cổng. Hai nguồn công khai thứ cấp cũng ghi mã này cho hỗ trợ mai táng người hưởng hưu trí xã hội. Đối chiếu rồi mới đổi thành V để đưa ra cho người dân.":
    "Code of the procedure, from memory: its page on the portal was not seen. Two secondary public sources have the same code for funeral support for people with a social pension. Compare it before showing it to the citizen.",
  "Thời hạn giải quyết: Chưa thấy nguồn, để trống.":
    "Time to decide: no source was seen, so it is left empty.",
  "Thời hạn chứng thực giao dịch, di chúc, từ chối di sản: Bảng tóm tắt ghi 2 ngày làm việc; trang thủ tục tháng 7/2026 ghi \"Không có thông tin\". Chưa đối chiếu văn bản gốc nên không ghi số ngày.":
    "Time to certify a transaction, a will or the refusal of an inheritance: a summary says 2 working days, the procedure's page of July 2026 says “no information”. The original was not compared, so no number of days is given.",
  "Mã thủ tục liên thông ghi theo trí nhớ: Mã cũ trên Cổng là 2.000986 (20 ngày, còn đòi sổ hộ khẩu đã bỏ): không dùng nữa. Đối chiếu mã 2.002622 rồi mới đưa ra cho người dân.":
    "Code of the joined procedure, from memory: the older code on the portal is 2.000986 (20 days, and it still asks for the household book that was abolished): it is not used any more. Compare code 2.002622 before showing it to the citizen.",
};

/** What a remembered source says, title and note; none where nobody translated it. */
export const unverifiedInEnglish = (source: string): string | undefined => (Object.hasOwn(ENGLISH, source) ? ENGLISH[source] : undefined);
