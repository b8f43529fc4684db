import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DossierView, QuestionView, RawAnswer } from "../../backend/types";
import { rehearsal, type Rehearsal } from "../../fixtures/rehearsal";
import * as f from "../../fixtures/views";
import OperatorApp from "../../screens/OperatorApp.svelte";
import { Desk } from "../desk.svelte";
import { tidied } from "./field";
import { linesOf } from "./rows.svelte";

/** A cell as the domain judges it: "bad" cannot be read. */
function cell(column: QuestionView, raw: RawAnswer | undefined): QuestionView {
  if (raw?.kind !== "text") return column;
  if (raw.value === "bad") return { ...column, value: { kind: "raw", value: "bad" }, shown: "bad", fault: { code: "x", words: f.w("Sai kiểu.") } };
  const value = column.kind.kind === "choice" || column.kind.kind === "list_choice" ? ({ kind: "choice", value: raw.value } as const) : ({ kind: "text", value: raw.value } as const);
  return { ...column, value, shown: raw.value, shown_en: raw.value };
}

/** A page with these questions, and a kiosk that stores what it is sent, as Rust does. */
function stage(questions: QuestionView[]): { backend: Rehearsal; desk: Desk } {
  const made = f.dossier({ place: "page", page: "p", back_to_check: false });
  let view: DossierView = {
    ...made,
    interview: { ...made.interview, missing: [], pages: [{ ...f.pages[0]!, id: "p", questions, confirm: [] }] },
  };
  const put = (id: string, raw: RawAnswer) => {
    const pages = view.interview.pages.map((p) => ({
      ...p,
      questions: p.questions.map((q): QuestionView => {
        if (q.id !== id) return q;
        if (raw.kind === "clear" && q.kind.kind === "group") return { ...q, kind: { ...q.kind, rows: [] } };
        if (raw.kind === "clear") return { ...q, value: null, shown: "", fault: null };
        if (raw.kind === "address") return { ...q, value: raw };
        if (raw.kind === "rows") {
          if (q.kind.kind !== "group") throw new Error("rows for no group");
          const { columns } = q.kind;
          return { ...q, kind: { ...q.kind, rows: raw.value.map((row) => columns.map((column) => cell(column, row[column.id]))) } };
        }
        if (raw.kind === "flag") return { ...q, value: raw, shown: raw.value ? "Có" : "Không" };
        const choice = q.kind.kind === "choice" || q.kind.kind === "list_choice";
        if (raw.value === "bad") return { ...q, value: { kind: "raw", value: "bad" }, shown: "bad", fault: { code: "x", words: f.w("Sai kiểu.") } };
        return { ...q, value: { kind: choice ? "choice" : "text", value: raw.value }, shown: raw.value, fault: null };
      }),
    }));
    return (view = { ...view, interview: { ...view.interview, pages } });
  };
  const backend = rehearsal({
    kiosk_status: () => f.kiosk,
    give_answer: ({ question, raw }) => put(question, raw),
    go_to: ({ place }) => (view = { ...view, place }),
  });
  const desk = new Desk(backend);
  desk.takeKiosk(f.kiosk);
  desk.dossier = view;
  desk.room = "dossier";
  render(OperatorApp, { desk });
  return { backend, desk };
}

const given = (backend: Rehearsal) => backend.asked.filter((one) => one.name === "give_answer").map((one) => one.request as { question: string; raw: RawAnswer });
const input = (id: string) => screen.getByTestId<HTMLInputElement>(id);

async function type(id: string, value: string) {
  const field = input(id);
  field.focus();
  await fireEvent.input(field, { target: { value } });
  return field;
}

describe("fields", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  it("mirrors each key at once and saves within a second, in NFC", async () => {
    const { backend } = stage([f.question("name", "Tên", { kind: "person_name", max: 200 })]);
    await type("q-name", "Lo\u0300 Thi\u0323");
    expect(backend.asked.at(-1)).toEqual({ name: "typing", request: { question: "name", text: "Lò Thị" } });
    expect(given(backend)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(given(backend)).toMatchObject([{ question: "name", raw: { kind: "text", value: "Lò Thị" } }]);
  });

  it("shows what the citizen wrote themselves, in the field that the officer stands in too, and never over a key", async () => {
    const name = f.pages[0]!.questions.find((one) => one.kind.kind === "person_name")!;
    const empty: QuestionView = { ...name, value: null, shown: "", source: null };
    const { desk } = stage([empty]);
    const writes = async (text: string) => {
      const view = desk.dossier!;
      const page = { ...view.interview.pages[0]!, questions: [{ ...empty, value: { kind: "text", value: text } as const, shown: text, source: "citizen" as const }] };
      desk.take({ event: "dossier", view: { ...view, interview: { ...view.interview, pages: [page] } } });
      await vi.advanceTimersByTimeAsync(0);
      await tick();
    };
    input(`q-${name.id}`).focus();
    await writes("Thào A Chu");
    expect(input(`q-${name.id}`).value).toBe("Thào A Chu");
    await type(`q-${name.id}`, "Thào A Chư");
    await writes("Thào A Chua");
    expect(input(`q-${name.id}`).value).toBe("Thào A Chư");
  });

  it("never overwrites what is being typed, and never loses a faulty text", async () => {
    const { backend, desk } = stage([f.question("name", "Tên", { kind: "person_name", max: 200 })]);
    const field = await type("q-name", "bad");
    await vi.advanceTimersByTimeAsync(1000);
    expect(field.value).toBe("bad");
    expect(screen.queryByTestId("fault-name")).toBeNull();
    await fireEvent.input(field, { target: { value: "bad and more" } });
    desk.take({ event: "dossier", view: { ...desk.dossier!, saved_at: "10:00:00" } });
    await tick();
    expect(field.value).toBe("bad and more");
    await fireEvent.input(field, { target: { value: "bad" } });
    field.blur();
    await vi.advanceTimersByTimeAsync(10);
    expect(screen.getByTestId("fault-name").textContent).toBe("Sai kiểu.");
    expect(field.value).toBe("bad");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(given(backend).at(-1)?.raw).toEqual({ kind: "text", value: "bad" });
  });

  it("does not save half a syllable, and saves it all before moving on", async () => {
    const { backend } = stage([f.question("name", "Tên", { kind: "person_name", max: 200 })]);
    const field = input("q-name");
    field.focus();
    await fireEvent.compositionStart(field);
    await fireEvent.input(field, { target: { value: "Nguyê" } });
    await vi.advanceTimersByTimeAsync(3000);
    expect(given(backend)).toEqual([]);
    await fireEvent.input(field, { target: { value: "Nguyễn" } });
    await fireEvent.click(screen.getByTestId("next"));
    await vi.advanceTimersByTimeAsync(0);
    const order = backend.asked.map((one) => one.name).filter((name) => name === "give_answer" || name === "go_to");
    expect(order).toEqual(["give_answer", "go_to"]);
    expect(given(backend)[0]?.raw).toEqual({ kind: "text", value: "Nguyễn" });
  });

  it("clears an emptied field", async () => {
    const { backend } = stage([f.question("name", "Tên", { kind: "person_name", max: 200 }, { value: { kind: "text", value: "A" }, shown: "A" })]);
    await type("q-name", " ");
    await vi.advanceTimersByTimeAsync(1000);
    expect(given(backend)).toMatchObject([{ raw: { kind: "clear" } }]);
  });

  it("answers a choice and a flag by one press", async () => {
    const { backend } = stage([
      f.question("relation", "Quan hệ", { kind: "choice", options: [{ value: "a", label: f.w("A") }, { value: "b", label: f.w("B") }] }),
      f.question("copies", "Bản sao", { kind: "flag" }),
    ]);
    await fireEvent.click(screen.getByTestId("q-relation-b").querySelector("input")!);
    await fireEvent.click(screen.getByTestId("q-copies-true").querySelector("input")!);
    await vi.advanceTimersByTimeAsync(0);
    expect(given(backend).map((one) => one.raw)).toEqual([{ kind: "text", value: "b" }, { kind: "flag", value: true }]);
  });

  it("finds in a long list without accents; Enter takes the marked entry", async () => {
    const { backend } = stage([f.question("ethnic", "Dân tộc", f.ethnic)]);
    const field = await type("q-ethnic", "mong");
    expect(screen.getByRole("option", { selected: true }).textContent).toContain("Mông");
    await fireEvent.keyDown(field, { key: "Enter" });
    await vi.advanceTimersByTimeAsync(0);
    expect(given(backend)).toMatchObject([{ question: "ethnic", raw: { kind: "text", value: "08" } }]);
    expect(field.value).toBe("Mông");
    expect(field.getAttribute("aria-expanded")).toBe("false");
  });

  it("sends a text that names nothing, so that it stays with its fault", async () => {
    const { backend } = stage([f.question("ethnic", "Dân tộc", f.ethnic)]);
    const field = await type("q-ethnic", "bad");
    field.blur();
    await vi.advanceTimersByTimeAsync(0);
    expect(given(backend)).toMatchObject([{ raw: { kind: "text", value: "bad" } }]);
    expect(field.value).toBe("bad");
    expect(screen.getByTestId("fault-ethnic")).toBeTruthy();
  });

  it("builds an address from a commune alone, and clears the commune with its province", async () => {
    const { backend } = stage([f.question("home", "Nơi cư trú", { kind: "address", detail_required: true })]);
    const commune = await type("q-home-commune", "na sang");
    await fireEvent.keyDown(commune, { key: "Enter" });
    await vi.advanceTimersByTimeAsync(0);
    const first = given(backend).at(-1)?.raw;
    expect(first).toMatchObject({ kind: "address", value: { country: "VN", province: "11" } });
    expect(input("q-home-province").value).toBe("Tỉnh Điện Biên");

    await type("q-home-detail", "Bản Nà Tông");
    await vi.advanceTimersByTimeAsync(1000);
    expect(given(backend).at(-1)?.raw).toMatchObject({ value: { detail: "Bản Nà Tông", province: "11" } });
    input("q-home-detail").blur();

    const province = await type("q-home-province", "lai chau");
    await fireEvent.keyDown(province, { key: "Enter" });
    await vi.advanceTimersByTimeAsync(0);
    expect(given(backend).at(-1)?.raw).toMatchObject({ value: { province: "12", commune: "", detail: "Bản Nà Tông" } });
  });

  it("goes on with Enter: to the next field, then to the next page", async () => {
    const { backend } = stage([
      f.question("one", "Một", { kind: "person_name", max: 200 }),
      f.question("two", "Hai", { kind: "id_number" }),
    ]);
    const field = await type("q-one", "A");
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(document.activeElement).toBe(input("q-two"));
    await fireEvent.keyDown(input("q-two"), { key: "Enter" });
    await vi.advanceTimersByTimeAsync(0);
    expect(backend.asked.map((one) => one.name)).toContain("go_to");
  });
});

describe("a group", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  const people = (rows: [string, string][] = [], max = 3): QuestionView => {
    const columns = [
      f.question("name", "Họ tên", { kind: "person_name", max: 200 }),
      f.question("sex", "Giới tính", { kind: "choice", options: [{ value: "male", label: f.w("Nam") }, { value: "female", label: f.w("Nữ") }] }),
    ];
    const text = (value: string): RawAnswer => ({ kind: "text", value });
    const cells = rows.map(([name, sex]) => [cell(columns[0]!, text(name)), cell(columns[1]!, text(sex))]);
    return f.question("people", "Người cùng đi", { kind: "group", columns, rows: cells, min: 1, max });
  };
  const press = (id: string) => fireEvent.click(screen.getByTestId(id));
  const settled = () => vi.advanceTimersByTimeAsync(1000);
  const text = (value: string) => ({ kind: "text", value });

  it("begins with nobody; a person is added, typed and saved with the whole group", async () => {
    const { backend } = stage([people()]);
    expect(screen.getByTestId("q-people").textContent).toContain("Chưa ghi ai.");
    await press("q-people-add");
    await settled();
    expect(given(backend)).toMatchObject([{ question: "people", raw: { kind: "rows", value: [{}] } }]);
    expect(document.activeElement).toBe(input("q-people-row-1-name"));
    await type("q-people-row-1-name", "Lò Thị Mây");
    await fireEvent.click(screen.getByTestId("q-people-row-1-sex-female").querySelector("input")!);
    await settled();
    expect(given(backend).at(-1)).toMatchObject({ question: "people", raw: { kind: "rows", value: [{ name: text("Lò Thị Mây"), sex: text("female") }] } });
    expect(input("q-people-row-1-name").value).toBe("Lò Thị Mây");
  });

  it("keeps two edits that cross on the way, and the rows beside them", async () => {
    const { backend } = stage([people([["An", "male"], ["Bình", "male"]])]);
    await type("q-people-row-1-name", "Anh");
    await type("q-people-row-2-name", "Bích");
    await settled();
    expect(given(backend).at(-1)?.raw).toEqual({
      kind: "rows",
      value: [{ name: text("Anh"), sex: text("male") }, { name: text("Bích"), sex: text("male") }],
    });
    expect([input("q-people-row-1-name").value, input("q-people-row-2-name").value]).toEqual(["Anh", "Bích"]);
  });

  it("removes the right one, keeps it removed, and brings it back", async () => {
    const { backend } = stage([people([["An", "male"], ["Bình", "male"]])]);
    await type("q-people-row-1-name", "Anh");
    await press("q-people-remove-1");
    await settled();
    expect(given(backend).at(-1)?.raw).toEqual({ kind: "rows", value: [{ name: text("Bình"), sex: text("male") }] });
    expect(input("q-people-row-1-name").value).toBe("Bình");
    expect(screen.queryByTestId("q-people-row-2")).toBeNull();
    await press("q-people-restore");
    await settled();
    expect(input("q-people-row-1-name").value).toBe("Anh");
    await press("q-people-remove-1");
    await press("q-people-remove-1");
    await settled();
    expect(given(backend).at(-1)?.raw).toEqual({ kind: "clear" });
  });

  it("shows a cell's fault beside the cell, and no more rows than may be", async () => {
    stage([people([["An", "male"], ["Bình", "male"]])]);
    const field = await type("q-people-row-2-name", "bad");
    field.blur();
    await settled();
    expect(screen.getByTestId("fault-people-row-2-name").textContent).toBe("Sai kiểu.");
    expect(screen.queryByTestId("fault-people-row-1-name")).toBeNull();
    expect(field.value).toBe("bad");
    await press("q-people-add");
    await settled();
    expect(screen.getByTestId<HTMLButtonElement>("q-people-add").disabled).toBe(true);
  });

  it("keeps what could not be saved, and saves it before the page is left", async () => {
    const { backend, desk } = stage([people([["An", "male"]])]);
    const call = backend.call;
    const broken: typeof call = (name, request) => (name === "give_answer" ? Promise.reject(f.unreachable) : call(name, request));
    backend.call = broken;
    await fireEvent.click(screen.getByTestId("q-people-row-1-sex-female").querySelector("input")!);
    await settled();
    expect(given(backend)).toEqual([]);
    expect(await desk.flush()).toBe(false);
    backend.call = call;
    expect(await desk.flush()).toBe(true);
    expect(given(backend)).toMatchObject([{ raw: { kind: "rows", value: [{ name: text("An"), sex: text("female") }] } }]);
  });

  it("is mirrored as lines that read", async () => {
    const { backend } = stage([people([["An", "male"], ["Bình", "female"]])]);
    await tick();
    await type("q-people-row-2-name", "Bích");
    expect(backend.asked.at(-1)).toEqual({ name: "typing", request: { question: "people", text: "1. An, male; 2. Bích, female" } });
    expect(linesOf("1. An, male; 2. Bích, female")).toEqual(["1. An, male", "2. Bích, female"]);
  });

  it.each([["một; hai"], ["1. một"], ["2. hai; 3. ba"], ["1. một; 3. ba"]])("%s is one line", (text) => {
    expect(linesOf(text)).toEqual([text]);
  });
});

describe("a text made easier to read", () => {
  it.each<[string, string, number, string, number]>([
    ["money", "1500000", 7, "1.500.000", 9],
    ["money", "1.5000", 6, "15.000", 6],
    ["money", "12345", 1, "12.345", 1],
    ["money", "123", 3, "123", 3],
    ["money", "1,5", 3, "1,5", 3],
    ["money", "12 000 đồng", 11, "12 000 đồng", 11],
    ["time", "1405", 4, "14:05", 5],
    ["time", "2460", 4, "2460", 4],
    ["time", "14:0", 4, "14:0", 4],
    ["number", "1500000", 7, "1500000", 7],
  ])("%s %s", (kind, typed, caret, shown, at) => {
    expect(tidied(kind, typed, caret)).toEqual({ text: shown, caret: at });
  });

  it("while it is typed, and from the view", async () => {
    vi.useFakeTimers();
    stage([
      f.question("fee", "Số tiền", { kind: "money", min: 0, max: 9_000_000 }, { value: { kind: "number", value: 250000 }, shown: "250.000 đồng" }),
      f.question("at", "Lúc mấy giờ", { kind: "time" }),
    ]);
    expect(input("q-fee").value).toBe("250.000");
    await type("q-fee", "1250000");
    expect(input("q-fee").value).toBe("1.250.000");
    await type("q-at", "0730");
    expect(input("q-at").value).toBe("07:30");
    cleanup();
    vi.useRealTimers();
  });
});
