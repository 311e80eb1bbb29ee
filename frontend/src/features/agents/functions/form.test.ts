import { describe, expect, it } from "vitest";

import { ApiError } from "@/lib/api";

import { agentFunction } from "../testing/shapes";
import { formOf, mistakes, newForm, refusedFields, schemaOf, withMethod, writeOf } from "./form";

describe("a function in the editor", () => {
  it("is what it was when nothing is changed", () => {
    const row = agentFunction({ headers: { Accept: "text/plain", "X-Team": "a: b" } });
    expect(writeOf(formOf(row), row)).toMatchObject({
      id: "f1",
      name: row.name,
      endpoint_url: row.endpoint_url,
      headers: row.headers,
      parameters: row.parameters,
      places: row.places,
    });
  });

  it("never tells a secret it was not given", () => {
    const row = agentFunction({ auth_config: { kind: "bearer", name: "", secret_last4: "Xk2f" } });
    expect(writeOf(formOf(row), row).auth_config).toEqual({ kind: "bearer" });
    expect(writeOf({ ...formOf(row), secret: "new-one" }, row).auth_config).toEqual({ kind: "bearer", secret: "new-one" });
  });

  it("asks for a secret that nobody has", () => {
    const form = { ...newForm("api"), name: "a", url: "https://a.example", authKind: "bearer" as const };
    expect(mistakes(form, false)).toEqual({ secret: "secretNeeded" });
    expect(mistakes(form, true)).toEqual({});
    expect(mistakes({ ...form, authKind: "hmac" }, false)).toEqual({});
  });

  it("shows as a schema what rows cannot say", () => {
    const parameters = { type: "object", properties: { tags: { type: "array", items: { type: "string" } } } };
    const form = formOf(agentFunction({ parameters }));
    expect(JSON.parse(form.schema ?? "")).toEqual(parameters);
    expect(mistakes({ ...form, schema: "[1]" }, false).schema).toBe("jsonForm");
  });

  it("makes a schema of rows, without those that have no name", () => {
    const row = { type: "string", description: " ", isRequired: true, place: "auto" } as const;
    expect(schemaOf([{ ...row, name: " city " }, { ...row, name: "" }])).toEqual({
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
    });
  });

  it("is careful with what writes, until somebody says otherwise", () => {
    const read = newForm("api");
    expect(withMethod(read, "POST")).toMatchObject({ effect: "write", repeat: "never", confirm: "asker", callableBy: "owner" });
    const decided = { ...withMethod(read, "POST"), confirm: "never" as const };
    expect(withMethod(decided, "PUT").confirm).toBe("never");
  });

  it("tells of an imported one only what its owner decides", () => {
    const row = agentFunction({ source_id: "s1", function_type: "mcp" });
    expect(Object.keys(writeOf(formOf(row), row)).sort()).toEqual([
      "callable_by",
      "confirm",
      "effect",
      "id",
      "per_day",
      "per_run",
      "repeat",
      "timeout",
    ]);
  });

  it("finds the server's complaints at their fields", () => {
    const error = new ApiError("Invalid", 400, "invalid", { "functions.0.endpoint_url": ["Only https."] });
    expect(refusedFields(error)).toEqual({ endpoint_url: "Only https." });
  });
});
