import { cleanup, fireEvent, render, screen, waitFor } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { useForm } from "./form";
import { setLanguage } from "./i18n";

const submit = vi.fn<(values: { name: string }) => Promise<void>>();

function Form() {
  const form = useForm({
    initial: { name: "" },
    validate: ({ name }) => (name === "" ? { name: "Fill this in." } : {}),
    submit,
  });
  return (
    <form {...form.attributes} data-testid="form">
      <Field {...form.field("name")} />
      <output>{form.secondsToWait > 0 ? "waiting" : form.failure instanceof Error ? form.failure.message : ""}</output>
    </form>
  );
}

/** The least of a field: what the design system's are to a form. */
function Field({ name, value, onValue, onBlur, error }: ReturnType<ReturnType<typeof useForm<"name">>["field"]>) {
  return (
    <>
      <input
        aria-label="Name"
        aria-invalid={error === undefined ? undefined : true}
        name={name}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        onBlur={onBlur}
      />
      {error}
    </>
  );
}

function field(): HTMLInputElement {
  return screen.getByLabelText("Name");
}

function send(): void {
  fireEvent.submit(screen.getByTestId("form"));
}

function type(text: string): void {
  fireEvent.input(field(), { target: { value: text } });
}

beforeEach(() => {
  setLanguage("en");
  submit.mockReset();
  render(<Form />);
});

afterEach(cleanup);

describe("useForm", () => {
  it("complains when it is sent, not while it is filled in for the first time", async () => {
    expect(field().getAttribute("aria-invalid")).toBeNull();
    send();
    await screen.findByText("Fill this in.");
    expect(field().getAttribute("aria-invalid")).toBe("true");
    expect(submit).not.toHaveBeenCalled();
  });

  it("takes one to the field that is wrong", async () => {
    send();
    await waitFor(() => expect(document.activeElement).toBe(field()));
  });

  it("shows what the server says about a field until it is changed", async () => {
    submit.mockRejectedValue(new ApiError("Invalid input.", 400, "invalid_input", { name: ["Taken."] }));
    type("alice");
    send();
    await screen.findByText("Taken.");
    expect(screen.queryByText("Invalid input.")).toBeNull();
    type("alice2");
    await waitFor(() => expect(screen.queryByText("Taken.")).toBeNull());
  });

  it("shows what concerns no field of its own", async () => {
    submit.mockRejectedValue(new ApiError("Account is disabled", 403, "forbidden", { other: ["x"] }));
    type("alice");
    send();
    await screen.findByText("Account is disabled");
  });

  it("waits as long as the server asks", async () => {
    submit.mockRejectedValue(new ApiError("Too many.", 429, "locked_out", {}, 900));
    type("alice");
    send();
    await screen.findByText("waiting");
    send();
    expect(submit).toHaveBeenCalledTimes(1);
  });

  it("sends once, however often it is pressed", async () => {
    submit.mockReturnValue(new Promise(() => undefined));
    type("alice");
    send();
    await waitFor(() => expect(submit).toHaveBeenCalledWith({ name: "alice" }));
    send();
    expect(submit).toHaveBeenCalledTimes(1);
  });
});
