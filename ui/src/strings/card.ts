// Words of scanning an identity card.

export const vi = {
  card_scan: "Quét thẻ: {who}",
  card_title: "Quét thẻ căn cước: {who}",
  card_lead: "Đưa mã QR trên thẻ vào máy quét. Thẻ mới có mã ở mặt sau.",
  card_field: "Máy quét kiểu bàn phím ghi vào đây",
  card_field_hint: "Tắt bộ gõ tiếng Việt trước khi quét.",
  card_use: "Điền vào tờ khai",
  card_serial: "Đọc từ máy quét nối dây",
  card_waiting: "Đang đợi thẻ, nhiều nhất 20 giây…",
  card_camera: "Chụp thẻ",
  card_camera_hint: "Đưa mã QR trên thẻ vào giữa khung, gần và đủ sáng, rồi bấm chụp. Ảnh không được giữ lại.",
  card_file: "Chọn ảnh thẻ",
  card_address_note: "Địa chỉ trên thẻ là địa chỉ cũ: được giữ bên cạnh, xin hỏi lại xã, phường hiện nay.",
};

export const en: typeof vi = {
  card_scan: "Scan card: {who}",
  card_title: "Scan the identity card: {who}",
  card_lead: "Hold the card's QR code to the scanner. On new cards it is on the back.",
  card_field: "A keyboard-like scanner writes here",
  card_field_hint: "Switch the Vietnamese typing program off before scanning.",
  card_use: "Fill in the form",
  card_serial: "Read from the serial scanner",
  card_waiting: "Waiting for a card, 20 seconds at most…",
  card_camera: "Photograph the card",
  card_camera_hint: "Hold the card's QR code in the middle, near and in good light, and press. The picture is not kept.",
  card_file: "Choose a picture",
  card_address_note: "The card's address is the old one: it is kept beside; ask for today's commune.",
};
