import { ApiError, errorFromBody } from "@/lib/api";
import { errorText } from "@/lib/errorText";
import { dictionary } from "@/lib/i18n";

/** What went wrong with a call, and what to do about it: by the codes of `agents/egress/problems.py`. */
const t = dictionary({
  en: {
    not_https: "Only https addresses are called. Ask the operator to add {target} to AGENT_HTTP_HOSTS.",
    private: "This address is inside a private network. Ask the operator to add {target} to AGENT_PRIVATE_HOSTS.",
    unreachable: "{host} cannot be reached. Look whether it runs and whether its address is right.",
    timed_out: "No answer from {host} for {seconds} s. Let the flow answer at once and send the result later.",
    cut_off: "{host} did not end its answer, or sent one that cannot be read.",
    paused: "{host} failed several times in a row and is left alone for {seconds} s.",
    key_refused: "{host} did not accept the key ending in …{last4}. Replace it under Functions › {function}.",
    key_missing: "{host} wants a key. Put one under Functions › {function}.",
    n8n_test_url: "Test URLs of n8n work once while its editor listens. Use the production URL and publish the workflow.",
    n8n_not_active: "n8n has no active workflow at this address. Publish the workflow in its editor.",
    redirected: "{host} points to {to}, which is not followed. If that is right, change the address of the function.",
    gone: "{host} says that {function} is gone for good. It was switched off.",
    not_found_there: "{host} knows nothing under this address. Look at the address of the function.",
    limited_there: "{host} takes no more calls at the moment. Try again later.",
    failed_there: "{host} answered with an error ({status}). Look into its log.",
    model_without_tools: "This model cannot call functions. Choose one that can: {models}.",
    definition_changed: "This function has changed since you looked. Look at the difference and approve it again.",
    agent_limit: "Your plan has no room for another agent. Delete one, or choose a larger plan.",
  },
  uk: {
    not_https: "Викликаються лише адреси https. Попросіть оператора додати {target} до AGENT_HTTP_HOSTS.",
    private: "Ця адреса в приватній мережі. Попросіть оператора додати {target} до AGENT_PRIVATE_HOSTS.",
    unreachable: "{host} недоступний. Перевірте, чи він працює й чи правильна адреса.",
    timed_out: "Від {host} немає відповіді {seconds} с. Нехай сценарій відповідає одразу, а результат надсилає згодом.",
    cut_off: "{host} не завершив відповідь, або її не вдається прочитати.",
    paused: "{host} кілька разів поспіль не впорався, йому дають спокій на {seconds} с.",
    key_refused: "{host} не прийняв ключа, що закінчується на …{last4}. Замініть його: Функції › {function}.",
    key_missing: "{host} хоче ключа. Додайте його: Функції › {function}.",
    n8n_test_url: "Тестові адреси n8n діють один раз, поки слухає редактор. Візьміть робочу адресу й опублікуйте сценарій.",
    n8n_not_active: "В n8n за цією адресою немає активного сценарію. Опублікуйте його в редакторі.",
    redirected: "{host} веде на {to}, туди ми не йдемо. Якщо це правильно, змініть адресу функції.",
    gone: "{host} каже, що {function} зникла назавжди. Її вимкнено.",
    not_found_there: "{host} нічого не знає за цією адресою. Перевірте адресу функції.",
    limited_there: "{host} зараз не приймає викликів. Спробуйте згодом.",
    failed_there: "{host} відповів помилкою ({status}). Подивіться в його журнал.",
    model_without_tools: "Ця модель не вміє викликати функції. Оберіть іншу: {models}.",
    definition_changed: "Ця функція змінилася, відколи ви дивилися. Погляньте на різницю й схваліть ще раз.",
    agent_limit: "У вашому плані немає місця для ще одного агента. Видаліть якогось або оберіть більший план.",
  },
});

type Problem = Record<string, unknown> | null | undefined;

/** A problem of a call in the reader's words, as precisely as it is known. */
export function problemText(problem: NonNullable<Problem>): string {
  return agentErrorText(errorFromBody(problem, 200));
}

/** Why something about an agent did not work, and what to do. */
export function agentErrorText(error: unknown): string {
  if (!(error instanceof ApiError)) return errorText(error);
  const said = (name: string) => {
    const value = error.context[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const host = said("host");
  const given = { host, function: said("function"), seconds: said("seconds"), status: said("status"), to: said("to") };
  switch (error.code) {
    case "address_refused":
      if (said("target") === "") break;
      return t(said("setting") === "AGENT_HTTP_HOSTS" ? "not_https" : "private", { target: said("target") });
    case "key_refused":
      if (host === "") break;
      return said("secret_last4") === "" ? t("key_missing", given) : t("key_refused", { ...given, last4: said("secret_last4") });
    case "unreachable":
    case "timed_out":
    case "cut_off":
    case "paused":
    case "gone":
    case "not_found_there":
    case "limited_there":
    case "failed_there":
    case "redirected":
      if (host === "") break;
      return t(error.code, given);
    case "n8n_test_url":
    case "n8n_not_active":
    case "definition_changed":
    case "agent_limit":
      return t(error.code);
    case "model_without_tools": {
      const { models } = error.context;
      if (!Array.isArray(models) || models.length === 0) break;
      return t("model_without_tools", { models: models.join(", ") });
    }
  }
  return errorText(error);
}
