import { describe, expect, it } from "vitest";

import { latestSentence, Thoughts } from "./thoughts";

describe("Thoughts", () => {
  it("grow by pieces that follow each other", () => {
    const thoughts = new Thoughts();
    thoughts.put(0, "Gold ");
    thoughts.put(5, "🏺 first.");
    thoughts.put(13, "");
    expect(thoughts.value).toBe("Gold 🏺 first.");
  });

  it("are put anew by a connection that begins at the beginning", () => {
    const thoughts = new Thoughts();
    thoughts.put(0, "Gold ");
    thoughts.put(5, "and la");
    thoughts.put(0, "Gold and lacquer");
    thoughts.put(16, ".");
    expect(thoughts.value).toBe("Gold and lacquer.");
  });

  it("count code points and not UTF-16 units", () => {
    const thoughts = new Thoughts("🏺🏺🏺");
    thoughts.put(2, "!");
    expect(thoughts.value).toBe("🏺🏺!");
  });

  it("do not shrink by a stored copy that is behind", () => {
    const thoughts = new Thoughts("further");
    thoughts.adopt("fur");
    expect(thoughts.value).toBe("further");
  });
});

describe("latestSentence", () => {
  it.each([
    ["", ""],
    ["**Weighing the seam**\n\n", "Weighing the seam"],
    ["First this. Then that, which is", "Then that, which is"],
    ["First this. Then that. ", "Then that."],
    ["Спершу лак.\nПотім золото", "Потім золото"],
    ["It costs 3.5 g", "It costs 3.5 g"],
  ])("of %j is %j", (thoughts, sentence) => {
    expect(latestSentence(thoughts)).toBe(sentence);
  });
});
