import { afterEach, describe, expect, it } from "vitest";

import { ApiError } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";

import { agentErrorText, problemText } from "./problems";

describe("what goes wrong with a call", () => {
  afterEach(() => setLanguage("en"));

  it("is told with what to do about it, in the reader's language", () => {
    const problem = { error: "…", code: "key_refused", host: "api.example.com", function: "get_weather", secret_last4: "Xk2f" };
    expect(problemText(problem)).toBe(
      "api.example.com did not accept the key ending in …Xk2f. Replace it under Functions › get_weather.",
    );
    setLanguage("uk");
    expect(problemText(problem)).toContain("api.example.com не прийняв ключа, що закінчується на …Xk2f.");
  });

  it("names the setting that an operator has to change", () => {
    const context = { target: "10.0.0.5:443", setting: "AGENT_PRIVATE_HOSTS" };
    expect(agentErrorText(new ApiError("…", 400, "address_refused", {}, null, context))).toBe(
      "This address is inside a private network. Ask the operator to add 10.0.0.5:443 to AGENT_PRIVATE_HOSTS.",
    );
  });

  it("says what the server says where that is all there is", () => {
    expect(agentErrorText(new ApiError("A password in the address is not taken.", 400, "address_refused"))).toBe(
      "A password in the address is not taken.",
    );
  });
});
