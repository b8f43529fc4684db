//! What went wrong, for a person: a stable code, the layer that failed, one Vietnamese sentence that says
//! what to do next, and the same in English.
//!
//! **Invariant:** no personal data in a problem; the words live here, in `trouble.rs` and, of what is
//! held, in `domain::next_step`, so that every screen, the command line and the tests read the same sentence.

use domain::ids::QuestionId;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The part that failed. A wrong diagnosis sends people to mend the wrong thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Network,
    Certificate,
    Key,
    Machine,
    Service,
    Form,
    Paper,
    Printer,
    Disk,
    Database,
    Access,
    Program,
}

macro_rules! problems {
    ($($code:ident, $layer:ident, $retry:literal, $vi:literal, $en:literal;)*) => {
        /// Every problem that a person can meet. A code is added when somebody branches on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode { $($code,)* }

        impl ProblemCode {
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            fn parts(self) -> (Layer, bool, &'static str, &'static str) {
                match self { $(Self::$code => (Layer::$layer, $retry, $vi, $en),)* }
            }
        }
    };
}

problems! {
    NotForThisWindow, Access, false, "Màn hình này không làm được việc đó.", "This screen cannot do that.";
    NotForThisRole, Access, false, "Việc này cần cán bộ quầy. Xin mời cán bộ đăng nhập.", "This needs an officer. Please ask one to sign in.";
    SignInFirst, Access, false, "Xin đăng nhập bằng mã PIN trước.", "Please sign in with your PIN first.";
    WrongPin, Key, true, "Mã PIN chưa đúng. Xin thử lại.", "That PIN is not right. Please try again.";
    OperatorLocked, Key, false, "Đã sai PIN 10 lần, tên này bị khóa. Không hồ sơ nào bị mất. Xin phụ trách quầy đặt lại PIN.", "Ten wrong PINs: this name is locked. No dossier is lost. Ask the head of counter to reset the PIN.";
    PinTooWeak, Key, true, "Mã PIN cần đúng 6 chữ số và không được dễ đoán.", "A PIN is six digits and must not be easy to guess.";
    NameMissing, Form, true, "Xin ghi tên.", "Please enter a name.";
    LeaseNeeded, Access, false, "Cần cán bộ mở ca cho tình nguyện viên trước khi làm.", "An officer has to open a shift for this volunteer first.";
    LeaseEnded, Access, false, "Ca đã hết, máy đã khóa. Những gì đã ghi vẫn còn. Xin cán bộ mở ca mới.", "The shift is over and the machine is locked. What was written is kept. Ask an officer to open a new shift.";
    OneAtATime, Access, false, "Đang có một hồ sơ dở dang. Xin làm xong hoặc chuyển cho cán bộ rồi mới bắt đầu hồ sơ khác.", "One dossier is still open. Finish it or hand it to an officer before starting another.";
    FinishFirst, Access, false, "Đang có hồ sơ mở trên màn hình. Xin làm xong hoặc cất đi rồi bấm lại.", "A dossier is open on the screens. Finish it or put it away, then press again.";
    DrillOnly, Access, false, "Đang tập dượt: không in, không gửi, không đếm.", "This is a drill: nothing is printed, sent or counted.";
    SignatureUnclear, Form, true, "Chữ ký chưa rõ. Xin ký lại bằng ngón tay hoặc bút trong khung.", "The signature is not clear. Please sign again inside the frame.";
    WitnessUnfit, Form, true, "Xin ghi họ tên người làm chứng; không phải cán bộ đang giúp.", "Please enter the witness's name; it cannot be the officer who helps.";
    OperatorUnknown, Access, false, "Không có tên này ở quầy.", "There is no such name at this counter.";
    KeyUnreadable, Key, false, "Không mở được khóa của máy. Dữ liệu còn nguyên trên đĩa. Xin gọi kỹ thuật, đừng cài lại.", "This machine's key cannot be opened. The data are intact. Call support; do not reinstall.";
    MachineKeyLost, Machine, false, "Máy này mất khóa riêng (tệp machine.key) nên chưa mở được. Không phải sai mã PIN. Hồ sơ đã khóa kín vẫn an toàn, chép ra USB đưa lên tỉnh được; hồ sơ làm dở còn trên đĩa nhưng chưa đọc được. Xin đừng xóa gì, đừng cài lại, và gọi tỉnh.", "This machine has lost its own key (the file machine.key) and cannot open. No PIN was wrong. Sealed dossiers are safe and can be carried to the province on a stick; unfinished ones are still on the disk but cannot be read. Delete nothing, do not reinstall, and call the province.";
    NotEnrolled, Access, false, "Máy này chưa được tỉnh ghi nhận. Xin làm bước ghi nhận máy.", "This machine is not enrolled. Please enrol it first.";
    AlreadyEnrolled, Access, false, "Máy này đã được ghi nhận.", "This machine is enrolled already.";
    EnrolmentRefused, Service, false, "Tỉnh không chấp nhận ghi nhận máy này. Xin gọi tỉnh.", "The province refused this machine. Please call the province.";
    EnrolmentCode, Service, true, "Mã ghi nhận không đúng hoặc đã hết hạn. Xin tỉnh cấp mã mới rồi gõ mã đó.", "The enrolment code is wrong or has expired. Ask the province for a new one and type it.";
    ServiceUnreachable, Network, true, "Chưa nối được tới tỉnh. Hồ sơ vẫn còn nguyên ở máy quầy. Có mạng lại là máy tự gửi.", "The province cannot be reached. Dossiers are safe here. They go by themselves when the network is back.";
    ServiceSlow, Network, true, "Mạng quá chậm, tỉnh chưa trả lời. Hồ sơ vẫn còn nguyên ở máy quầy. Máy tự gửi lại.", "The network is too slow; no answer yet. Dossiers are safe here. They are sent again by themselves.";
    NotTheService, Network, true, "Mạng trả về một trang lạ (có thể trang đăng nhập Wi-Fi). Chưa gửi gì. Xin kiểm tra mạng rồi bấm “Gửi ngay”.", "The network answered with another page (perhaps a Wi-Fi login). Nothing was sent. Check the network, then press “Send now”.";
    CertificateWrong, Certificate, false, "Không nhận ra chứng thư của tỉnh. Chưa gửi gì. Xin xem ngày giờ của máy; đúng rồi thì gọi kỹ thuật. Hồ sơ gấp thì chép ra USB.", "The province's certificate was not recognised. Nothing was sent. Check this machine's date and time; if they are right, call support. Copy to a stick what is urgent.";
    ServiceTrouble, Service, true, "Máy chủ tỉnh đang bận hoặc có lỗi. Hồ sơ vẫn còn nguyên ở máy quầy. Máy tự gửi lại.", "The province's server is busy or failing. Dossiers are safe here. They are sent again by themselves.";
    SessionRefused, Service, true, "Máy chủ tỉnh chưa cho máy này gửi. Hồ sơ vẫn còn nguyên. Máy tự thử lại; cuối buổi vẫn báo thì gọi tỉnh.", "The province's server does not let this machine send yet. Dossiers are safe here. This machine asks again by itself; if this stays, call the province.";
    UploadCutOff, Service, true, "Gửi dở thì bị ngắt. Máy tự gửi tiếp phần tỉnh chưa nhận. Không cần làm gì.", "Sending broke off in the middle. The machine goes on by itself with what the province lacks. Nothing to do.";
    UploadDamaged, Network, true, "Mạng làm hỏng một đoạn tệp trên đường gửi. Máy tự gửi lại đoạn đó. Không cần làm gì.", "The network damaged a part of a file on its way. That part is sent again by itself. Nothing to do.";
    NeedsPerson, Service, false, "Tỉnh hoặc máy này giữ lại một hồ sơ, cần cán bộ xem. Xin đọc lý do bên cạnh hồ sơ đó.", "A dossier is held, by the province or by this machine, and needs an officer. Read the reason beside it.";
    DeviceRefused, Service, false, "Tỉnh không còn nhận hồ sơ từ máy này. Hồ sơ vẫn còn nguyên ở đây. Xin gọi tỉnh. Hồ sơ gấp thì chép ra USB mang lên tỉnh.", "The province no longer accepts this machine. Dossiers are intact here. Call the province. Copy to a stick what is urgent, and take it there.";
    DeviceFrozen, Service, false, "Tỉnh thấy có hai máy dùng chung một ổ đĩa sao chép. Hồ sơ đã khóa kín vẫn được gửi, không mất. Máy này tạm chưa khóa kín hồ sơ mới. Xin gọi tỉnh.", "The province sees two machines with copies of one disk. What is sealed is still sent; nothing is lost. This machine seals nothing new for now. Call the province.";
    ProcedureUnknown, Form, false, "Không có thủ tục này trong danh mục.", "This procedure is not in the catalogue.";
    DossierUnknown, Form, false, "Không thấy hồ sơ này ở quầy.", "This dossier is not at this counter.";
    ReceiptNumberWrong, Form, true, "Số phiếu gồm 12 chữ số và hai số cuối phải khớp. Xin xem lại phiếu rồi gõ hoặc quét lại.", "A receipt number has twelve digits and its last two must fit. Check the slip, then type or scan again.";
    QuestionUnknown, Form, false, "Không có ô này trong tờ khai.", "This field is not in the form.";
    DossierSealed, Form, false, "Hồ sơ đã khóa kín, không sửa được nữa.", "The dossier is sealed and can no longer be changed.";
    ChangedMeanwhile, Form, true, "Vừa có chỗ sửa. Xin đọc lại rồi bấm.", "Something was just changed. Please read it again, then press.";
    NotComplete, Form, true, "Còn ô chưa xong. Xin xem các mục được đánh dấu.", "Something is still missing. See the marked items.";
    ConsentMissing, Form, true, "Cần người dân đồng ý trước khi ghi.", "The citizen's consent comes first.";
    FilingNotConfirmed, Form, true, "Cần người dân xác nhận nộp hồ sơ này.", "The citizen has not yet confirmed this filing.";
    TextTooLong, Form, true, "Chữ dài quá. Xin viết ngắn lại; phần đã gõ vẫn được giữ.", "The text is too long. Please shorten it; what was typed is kept.";
    CatalogueNotSigned, Service, false, "Danh mục thủ tục vừa nhận không có chữ ký của tỉnh nên không dùng. Quầy vẫn làm việc với danh mục đang có. Xin báo kỹ thuật.", "The catalogue that came is not signed by the province and is not used. The counter goes on with the one it has. Tell support.";
    CatalogueDamaged, Service, true, "Danh mục thủ tục vừa nhận bị hỏng nên không dùng. Quầy vẫn làm việc với danh mục đang có và sẽ tự lấy lại.", "The catalogue that came is damaged and is not used. The counter goes on with the one it has and fetches it again.";
    CatalogueOlder, Service, false, "Tỉnh gửi danh mục thủ tục cũ hơn bản đang dùng nên không dùng. Quầy vẫn làm việc bình thường. Xin báo tỉnh.", "The province sent a catalogue older than the one in use; it is not used. The counter goes on. Tell the province.";
    CatalogueExpired, Service, false, "Danh mục thủ tục tỉnh gửi đã quá hạn nên không dùng. Quầy vẫn làm việc với danh mục đang có. Xin báo tỉnh công bố lại.", "The catalogue that the province sent has expired and is not used. The counter goes on with the one it has. Ask the province to publish again.";
    CatalogueTooNew, Program, false, "Danh mục thủ tục của tỉnh cần bản chương trình mới hơn. Quầy vẫn làm việc với danh mục đang có. Xin cài bản mới.", "The province's catalogue needs a newer program. The counter goes on with the one it has. Install the new version.";
    CatalogueFaulty, Form, false, "Danh mục thủ tục tỉnh gửi có chỗ sai nên không dùng. Quầy vẫn làm việc với danh mục đang có. Xin báo tỉnh kiểm tra lại.", "The province's catalogue has a mistake and is not used. The counter goes on with the one it has. Ask the province to check it.";
    NothingToUpgrade, Form, true, "Thủ tục vừa đổi thêm, hoặc hồ sơ đã ở bản mới. Xin mở lại hồ sơ và xem lại.", "The procedure has changed again, or the dossier is on the new version already. Open it again and look.";
    PreviewOnly, Form, false, "Đây là bản xem thử: không khóa, không gửi gì đi.", "This is a preview: nothing is sealed or sent.";
    CardUnreadable, Form, true, "Mã vừa quét không phải mã trên thẻ căn cước, hoặc quét chưa hết. Chưa điền gì. Xin lau thẻ rồi quét lại, hoặc gõ tay.", "What was scanned is not an identity card's code, or only part of it. Nothing was filled. Wipe the card and scan again, or type it.";
    CardNoCode, Form, true, "Không thấy mã QR nào trong ảnh. Chưa điền gì. Xin chụp lại gần hơn, đủ sáng, cả mã nằm trong khung.", "No QR code was found in the picture. Nothing was filled. Take it again, nearer and in good light, with the whole code in the frame.";
    SlipNoCode, Paper, true, "Trong ảnh không thấy mã của phiếu. Xin đưa mã vào giữa khung, gần và đủ sáng, rồi chụp lại.", "There is no slip's code in the picture. Hold the code in the middle, near and in good light, and try again.";
    CardGarbled, Form, true, "Tên trên thẻ bị sai chữ khi qua bộ gõ tiếng Việt. Chưa điền gì. Xin tắt Unikey hay bộ gõ rồi quét lại, hoặc gõ tay.", "The name on the card was changed by the typing program. Nothing was filled. Switch Unikey off and scan again, or type it.";
    CardScannerMissing, Form, true, "Không thấy máy quét thẻ nối dây. Xin kiểm tra dây, hoặc quét vào ô bên cạnh.", "No serial card scanner was found. Check the cable, or scan into the field beside it.";
    CardScannerSilent, Form, true, "Chưa thấy thẻ nào trong 20 giây. Xin bấm lại rồi đưa mã QR của thẻ vào máy quét.", "No card was seen for 20 seconds. Press again and hold the card's QR code to the scanner.";
    FileMissing, Paper, true, "Không mở được tệp này. Xin chọn lại.", "This file cannot be opened. Please pick it again.";
    FileEmpty, Paper, true, "Tệp rỗng, không có gì bên trong. Xin chọn tệp khác.", "The file is empty. Please pick another.";
    FileNotAPaper, Paper, true, "Tệp này không phải ảnh JPEG, PNG, TIFF hay PDF. Xin chọn ảnh chụp hoặc bản quét.", "This file is not a JPEG, PNG, TIFF or PDF. Please pick a photo or a scan.";
    FileTooLarge, Paper, true, "Tệp quá lớn (trên 25 MB). Xin chụp lại hoặc quét ở mức 200 dpi.", "The file is too large (over 25 MB). Photograph again or scan at 200 dpi.";
    PictureTooBig, Paper, true, "Ảnh có kích thước quá lớn, máy không mở để giữ an toàn. Xin chụp lại.", "The picture's dimensions are too large to open safely. Please take it again.";
    FileBroken, Paper, true, "Tệp bị hỏng, không đọc được. Xin chụp hoặc quét lại.", "The file is damaged. Please photograph or scan again.";
    PdfLocked, Paper, true, "Tệp PDF có mật khẩu. Xin bỏ mật khẩu hoặc in ra rồi quét lại.", "The PDF has a password. Remove it, or print and scan it.";
    PdfActive, Paper, true, "Tệp PDF có mã chạy bên trong nên không nhận. Xin in ra rồi quét lại.", "The PDF holds active content and is refused. Print and scan it.";
    TooManyPages, Paper, true, "Tệp có quá nhiều trang. Xin tách thành nhiều tệp.", "The file has too many pages. Please split it.";
    FileDangerous, Paper, true, "Máy không mở được tệp này một cách an toàn nên không nhận. Máy quầy vẫn chạy bình thường. Xin chụp hoặc quét lại tờ giấy.", "This file could not be opened safely and was not taken. The kiosk is fine. Please photograph or scan the paper again.";
    PaperFull, Paper, true, "Giấy này đã đủ số trang cho phép. Xin bỏ bớt hoặc thay một trang.", "This paper has all the pages it may have. Remove or replace one.";
    PdfNotTurned, Paper, false, "Tệp PDF được giữ nguyên nên không xoay được. Xin quét lại cho đúng chiều.", "A PDF is kept as it is and cannot be turned. Please scan it the right way up.";
    NoScanner, Paper, true, "Không thấy máy quét. Xin kiểm tra dây và nguồn, hoặc chụp bằng camera.", "No scanner was found. Check cable and power, or use the camera.";
    ScannerEmpty, Paper, true, "Máy quét không có giấy. Xin đặt giấy vào rồi bấm lại.", "There is no paper in the scanner. Put it in and press again.";
    ScannerFailed, Paper, true, "Máy quét dừng giữa chừng (kẹt giấy hoặc mở nắp). Các trang đã quét vẫn được giữ. Xin gỡ giấy rồi quét tiếp.", "The scanner stopped (a jam or an open cover). Pages scanned so far are kept. Clear it and go on.";
    ScannerBusy, Paper, true, "Máy quét đang quét. Xin đợi xong hoặc bấm dừng.", "The scanner is at work. Wait for it or press stop.";
    NoTextReader, Paper, false, "Máy này chưa có phần đọc chữ in tiếng Việt. Chưa ghi gì. Xin gõ tay theo giấy.", "This machine has nothing that reads printed Vietnamese. Nothing was written. Type it from the paper.";
    TextNotRead, Paper, true, "Máy không đọc được chữ trên trang này. Chưa ghi gì. Xin chụp lại cho rõ, hoặc gõ tay theo giấy.", "The print on this page could not be read. Nothing was written. Take it again more clearly, or type it from the paper.";
    PdfNotRead, Paper, false, "Chữ trong tệp PDF chưa đọc được ở đây. Chưa ghi gì. Xin chụp hoặc quét tờ giấy, hoặc gõ tay.", "The print in a PDF cannot be read here. Nothing was written. Photograph or scan the paper, or type it.";
    AnswerThere, Form, true, "Ô này đã có câu trả lời. Chưa ghi gì. Xin xem cả hai rồi chọn.", "This field has an answer already. Nothing was written. Look at both and choose.";
    TrayFull, Paper, true, "Khay máy quét đã đầy. Xin xếp hoặc bỏ bớt các tờ trong khay.", "The scanner's tray is full. File or discard some of its sheets.";
    FolderMissing, Disk, true, "Không dùng được thư mục này. Xin chọn một thư mục có thật, không phải thư mục của chương trình.", "This folder cannot be used. Choose one that exists and is not the program's own.";
    NoPrinter, Printer, true, "Không thấy máy in. Phiếu đã lưu và đang hiện trên màn hình; in lại lúc nào cũng được.", "No printer was found. The receipt is saved and on screen; it can be printed at any time.";
    PrinterFailed, Printer, true, "Máy in không in được. Phiếu đã lưu; xin kiểm tra giấy rồi in lại.", "The printer failed. The receipt is saved; check the paper and print again.";
    NoFormPrinter, Printer, true, "Không thấy máy in. Tờ khai vẫn hiện trên màn hình để chép tay; máy không lưu tờ khai ra tệp để giữ kín.", "No printer was found. The form is on screen to be copied by hand; it is not saved as a file, to keep it private.";
    PrinterNoPaper, Printer, true, "Máy in hết giấy. Phiếu vẫn còn nguyên và đang hiện trên màn hình. Xin lắp giấy rồi bấm in.", "The printer is out of paper. The receipt is safe and on screen. Put paper in and press print.";
    PrinterCoverOpen, Printer, true, "Nắp máy in đang mở. Phiếu vẫn còn nguyên. Xin đóng nắp rồi bấm in.", "The printer's cover is open. The receipt is safe. Close it and press print.";
    PrinterJam, Printer, true, "Máy in kẹt giấy. Phiếu vẫn còn nguyên. Xin gỡ giấy kẹt rồi bấm in.", "Paper is stuck in the printer. The receipt is safe. Clear it and press print.";
    PrinterOff, Printer, true, "Máy in đang tắt hoặc chưa cắm dây. Phiếu vẫn còn nguyên và đang hiện trên màn hình.", "The printer is off or unplugged. The receipt is safe and on screen.";
    PrinterStopped, Printer, true, "Máy in dừng giữa chừng, có thể đã ra một phần giấy. Xin bỏ phần giấy đó, xem lại máy in rồi bấm in lại.", "The printer stopped on the way; a part may have come out. Throw that away, look at the printer and print again.";
    PrinterAddress, Printer, true, "Địa chỉ máy in chưa đúng. Ví dụ: 192.168.1.50:9100.", "That is no printer's address. For example: 192.168.1.50:9100.";
    PrinterTooNarrow, Printer, true, "Máy in cuộn 80 mm không in được tờ khai A4. Xin chọn máy in văn phòng.", "A roll of 80 mm cannot print A4 forms. Choose an office printer.";
    FormUnknown, Form, false, "Hồ sơ này không có tờ khai đó.", "This dossier has no such form.";
    NotWithdrawn, Form, false, "Hồ sơ này chưa được rút. Phiếu hủy chỉ in khi người dân đã rút đồng ý mà hồ sơ chưa gửi, hoặc khi tỉnh đã ghi nhận việc rút.", "This dossier is not withdrawn. The void slip is for one that was taken back before it was sent, or that the province has recorded as withdrawn.";
    AlreadyWithdrawn, Form, false, "Hồ sơ này đã rút nên không in lại phiếu hỗ trợ. Xin bấm “In phiếu hủy”.", "This dossier is withdrawn, so its receipt is not printed again. Press “Print the void slip”.";
    ReceiptFailed, Paper, true, "Chưa dựng được phiếu. Hồ sơ đã khóa kín và an toàn. Xin bấm in lại.", "The receipt could not be made. The dossier is sealed and safe. Press print again.";
    DiskFull, Disk, true, "Đĩa đã đầy. Hồ sơ đã lưu vẫn còn nguyên. Xin dọn đĩa rồi bấm lại.", "The disk is full. What was saved is intact. Free some space and press again.";
    CertificateEnding, Service, false, "Chứng nhận của máy này sắp hết hạn. Xin nối mạng để máy tự xin gia hạn; nối rồi mà vẫn báo thì gọi tỉnh. Hồ sơ đã lưu không bị ảnh hưởng.", "This machine's certificate ends within 30 days. Connect to the network, and the machine asks for a renewed one by itself; if this stays, call the province. What was saved is not affected.";
    CertificateEnded, Service, false, "Chứng nhận của máy này đã hết hạn: phiếu làm từ nay vẫn thật, nhưng giờ trên phiếu không được chứng thực. Hồ sơ vẫn lưu và gửi như thường. Xin nối mạng để máy tự xin gia hạn; nối rồi mà vẫn báo thì gọi tỉnh.", "This machine's certificate has ended: receipts made from now on are genuine, but nobody vouches for their time. Dossiers are saved and sent as ever. Connect to the network, and the machine asks for a renewed one by itself; if this stays, call the province.";
    DiskLow, Disk, false, "Đĩa sắp đầy. Vẫn làm việc được; xin gọi kỹ thuật dọn đĩa trong hôm nay.", "The disk is nearly full. You can go on; ask support to make room today.";
    DiskFloor, Disk, true, "Đĩa gần hết chỗ nên chưa mở hồ sơ mới. Hồ sơ đã lưu còn nguyên, hồ sơ đang làm vẫn làm tiếp và gửi được. Xin gọi kỹ thuật dọn đĩa.", "There is too little room on the disk to begin another dossier. What was saved is intact; what is under way can be finished and sent. Ask support to make room.";
    DiskTrouble, Disk, false, "Đĩa báo lỗi khi ghi. Đừng tắt máy, xin gọi kỹ thuật.", "The disk reported an error. Do not switch off; call support.";
    SendingDiskFull, Disk, true, "Đĩa máy này đã đầy nên dừng gửi. Hồ sơ vẫn còn nguyên. Xin gọi kỹ thuật dọn đĩa rồi bấm “Gửi ngay”.", "This machine's disk is full, so sending stopped. Dossiers are intact. Ask support to make room, then press “Send now”.";
    SendingDiskTrouble, Disk, false, "Đĩa máy này báo lỗi nên dừng gửi. Đừng tắt máy. Xin chép ra USB ngay, rồi gọi kỹ thuật.", "This machine's disk reported an error, so sending stopped. Do not switch off. Copy to a stick now, then call support.";
    WaitingForOfficer, Form, false, "Hồ sơ này đang chờ cán bộ kiểm tra ở máy quầy, không sửa ở đây. Cán bộ có thể lấy lại về máy này.", "This dossier waits for an officer at the counter's machine and is not changed here. An officer can take it back.";
    NoCounterKnown, Key, false, "Máy này chưa nhận khóa của máy quầy nào. Xin cán bộ cắm USB có khóa rồi bấm “Nhận khóa máy quầy”.", "This machine has no counter's key yet. Ask an officer to plug in a stick that has one and press “Take the counter's key”.";
    PackOtherVersion, Program, false, "Hồ sơ trên USB do bản chương trình khác đóng gói. Xin cài cùng một bản ở hai máy. USB vẫn giữ nguyên.", "The dossiers on the stick were packed by another version. Install the same version on both machines. The stick is untouched.";
    NoRecoveryAnswer, Key, true, "Không thấy câu trả lời của tỉnh cho máy này ở đây. Không hồ sơ nào bị mất. Xin hỏi tỉnh rồi cắm lại USB.", "The province's answer for this machine is not here. No dossier is lost. Ask the province and plug the stick in again.";
    DateUnreadable, Form, true, "Xin ghi ngày như 25/11/2026 và giờ như 08:20.", "Write the date as 25/11/2026 and the time as 08:20.";
    DateTooEarly, Form, true, "Ngày này trước lần cuối tỉnh xác nhận. Xin xem lại lịch.", "This date is before the province's last word. Check the calendar.";
    StickMissing, Disk, true, "Không thấy USB hay thư mục này. Xin cắm lại rồi bấm lần nữa.", "This stick or folder is not there. Plug it in again and press once more.";
    StickIsThisDisk, Disk, true, "Thư mục này nằm ngay trên đĩa của máy, không phải bản thứ hai. Xin chọn USB hoặc đĩa khác.", "This folder lies on this machine's own disk and would be no second copy. Choose a stick or another disk.";
    StickFull, Disk, true, "USB đã đầy. Hồ sơ ở máy vẫn còn nguyên. Xin dùng USB khác.", "The stick is full. The dossiers here are intact. Use another stick.";
    StickTrouble, Disk, true, "USB báo lỗi khi ghi hoặc đọc. Hồ sơ ở máy vẫn còn nguyên. Xin đổi USB khác.", "The stick reported an error. The dossiers here are intact. Use another stick.";
    StickLies, Disk, true, "Đã chép nhưng đọc lại không khớp. USB này không tin được, xin đổi USB khác. Hồ sơ ở máy vẫn còn nguyên.", "What was written does not read back. This stick cannot be trusted; use another. The dossiers here are intact.";
    StickEmpty, Disk, true, "Không có hồ sơ nào của Đồng Hành ở đây.", "There are no dossiers of Đồng Hành here.";
    DatabaseNewer, Database, false, "Dữ liệu ở máy này do bản mới hơn ghi. Xin cài bản mới; không có gì bị mất.", "The data here were written by a newer version. Install it; nothing is lost.";
    DatabaseDamaged, Database, false, "Có dữ liệu ở máy này đọc không được. Không có gì bị xóa. Xin đóng rồi mở lại chương trình, máy sẽ tự lập lại nếu được; nếu vẫn báo, xin gọi kỹ thuật, đừng cài lại.", "Some data on this machine cannot be read. Nothing was deleted. Close the program and open it again: it makes again what it can. If it still says so, call support; do not reinstall.";
    DraftsSetAside, Database, true, "Tệp hồ sơ đang làm dở bị hỏng. Máy đã giữ riêng tệp hỏng, không xóa, và làm tiếp trong tệp mới với những gì còn đọc được. Xin xem lại hồ sơ đang mở, chỗ nào thiếu thì ghi hoặc chụp lại, rồi bấm lại. Hồ sơ đã khóa kín không bị ảnh hưởng. Cuối buổi xin gọi kỹ thuật xem đĩa.", "The file of unfinished dossiers was damaged. It was set aside, not deleted, and work goes on in a new one with what could still be read. Look through the open dossier, enter or photograph again what is missing, and press again. Sealed dossiers are not affected. Ask support to look at the disk at the end of the day.";
    IndexRebuilt, Database, false, "Danh mục hồ sơ ở máy này bị hỏng. Máy đã giữ riêng tệp hỏng và lập lại danh mục từ các hồ sơ khóa kín trên đĩa. Hồ sơ nào chưa tới tỉnh sẽ tự gửi, không cần làm lại.", "The list of dossiers on this machine was damaged. The damaged file was set aside and the list was made again from the sealed dossiers on the disk. What has not reached the province goes by itself; nothing is to be done again.";
    IndexRebuiltInPart, Database, false, "Danh mục hồ sơ ở máy này bị hỏng và đã lập lại từ đĩa, nhưng có hồ sơ đọc lại không được. Các tệp vẫn được giữ, không xóa. Xin đối chiếu số phiếu với mục Hồ sơ chờ gửi và gọi kỹ thuật.", "The list of dossiers on this machine was damaged and was made again from the disk, but some could not be read back. Their files are kept. Compare the receipt numbers with the outbox, and call support.";
    AlreadyRunning, Program, false, "Chương trình đang mở sẵn. Xin dùng cửa sổ đang mở.", "The program is already open. Please use that window.";
    ProgramClosing, Program, true, "Chương trình đang đóng nên dừng gửi. Hồ sơ vẫn còn nguyên. Mở lại là máy tự gửi tiếp.", "The program is closing, so sending stopped. Dossiers are safe here. Opened again, it sends on by itself.";
    BadRequest, Program, false, "Yêu cầu không đúng dạng.", "The request is malformed.";
    UnknownCommand, Program, false, "Không có lệnh này.", "There is no such command.";
    Internal, Program, false, "Chương trình gặp lỗi. Việc đã làm vẫn được giữ. Xin gọi kỹ thuật.", "The program met an error. Your work is kept. Call support.";
}

/// A problem as it crosses to a window or the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Problem {
    pub code: ProblemCode,
    pub layer: Layer,
    /// May the same press help a second time?
    pub retry: bool,
    pub words: Words,
    /// The question that it belongs to, where there is one.
    pub field: Option<QuestionId>,
}

impl Problem {
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        let (layer, retry, vi, en) = code.parts();
        Self {
            code,
            layer,
            retry,
            words: Words::new(vi, en),
            field: None,
        }
    }

    /// On the citizen's screen, where they can do nothing about the machine: what they are to do, and that the officer knows.
    #[must_use]
    pub(crate) fn for_citizen(self) -> Self {
        if self.code != ProblemCode::DraftsSetAside {
            return self;
        }
        let words = Words::new(
            "Máy vừa gặp lỗi, cán bộ đã được báo. Xin ông/bà đọc lại trang này cùng cán bộ rồi bấm lại.",
            "The machine had a fault; the officer has been told. Please read this page again with the officer, then press again.",
        );
        Self { words, ..self }
    }

    #[must_use]
    pub fn at(mut self, field: QuestionId) -> Self {
        self.field = Some(field);
        self
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} ({:?})", self.code, self.layer)
    }
}

impl std::error::Error for Problem {}

impl From<store::StoreError> for Problem {
    fn from(e: store::StoreError) -> Self {
        use store::StoreError as E;
        tracing::warn!(error = %e, "store");
        Self::new(match e {
            E::InUse => ProblemCode::AlreadyRunning,
            E::Newer { .. } => ProblemCode::DatabaseNewer,
            E::WrongKey => ProblemCode::KeyUnreadable,
            E::Damaged(_) | E::Content => ProblemCode::DatabaseDamaged,
            E::Full => ProblemCode::DiskFull,
            E::Io(_) | E::Sql(_) => ProblemCode::DiskTrouble,
            E::Missing => ProblemCode::DossierUnknown,
            E::Library(_) | E::CountMoved => ProblemCode::Internal,
        })
    }
}

impl From<seal::SealError> for Problem {
    fn from(e: seal::SealError) -> Self {
        tracing::warn!(error = %e, "seal");
        Self::new(match e {
            seal::SealError::Io(io) => return store::StoreError::from(io).into(),
            seal::SealError::Key | seal::SealError::Decrypt => ProblemCode::KeyUnreadable,
            seal::SealError::Signature
            | seal::SealError::Malformed(_)
            | seal::SealError::TooNew(_)
            | seal::SealError::TooLarge { .. }
            | seal::SealError::Random => ProblemCode::Internal,
        })
    }
}

impl From<paper::PaperError> for Problem {
    fn from(e: paper::PaperError) -> Self {
        use paper::PaperError as E;
        Self::new(match e {
            E::Empty => ProblemCode::FileEmpty,
            E::NotAPaper => ProblemCode::FileNotAPaper,
            E::TooLarge { .. } => ProblemCode::FileTooLarge,
            E::TooManyPixels { .. } => ProblemCode::PictureTooBig,
            E::BrokenPicture | E::BrokenPdf => ProblemCode::FileBroken,
            E::LockedPdf => ProblemCode::PdfLocked,
            E::ActivePdf => ProblemCode::PdfActive,
            E::TooManyPages { .. } => ProblemCode::TooManyPages,
            E::ReaderDied | E::ReaderSlow => ProblemCode::FileDangerous,
            E::NoScanner => ProblemCode::NoScanner,
            E::ScannerEmpty => ProblemCode::ScannerEmpty,
            E::ScannerFailed => ProblemCode::ScannerFailed,
            E::NoTextReader => ProblemCode::NoTextReader,
            E::TextNotRead => ProblemCode::TextNotRead,
            E::MissingGlyph { .. } | E::BadTemplate | E::QrTooLong => ProblemCode::ReceiptFailed,
            E::NoPrinter => ProblemCode::NoPrinter,
            E::PrinterFailed | E::PrinterSilent => ProblemCode::PrinterFailed,
            E::NoPaper => ProblemCode::PrinterNoPaper,
            E::CoverOpen => ProblemCode::PrinterCoverOpen,
            E::PaperJam => ProblemCode::PrinterJam,
            E::PrinterOff => ProblemCode::PrinterOff,
            E::PrinterStopped => ProblemCode::PrinterStopped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_citizen_reads_a_short_sentence_of_damaged_drafts_and_the_officer_the_whole_one() {
        let long = Problem::new(ProblemCode::DraftsSetAside);
        let short = long.clone().for_citizen();
        assert_eq!((short.code, short.retry), (long.code, long.retry));
        assert!(long.words.vi.contains("gọi kỹ thuật") && !short.words.vi.contains("kỹ thuật"));
        for (short, long) in [
            (&short.words.vi, &long.words.vi),
            (&short.words.en, &long.words.en),
        ] {
            assert!(short.chars().count() * 2 < long.chars().count(), "{short}");
        }
        let other = Problem::new(ProblemCode::ChangedMeanwhile);
        assert_eq!(
            other.clone().for_citizen(),
            other,
            "the control: every other is the same"
        );
    }
}
