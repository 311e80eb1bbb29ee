import { useRouteTitle } from "@/lib/title";
import { Button, GlitchText } from "@/ui";

import styles from "./Shell.module.css";
import { t } from "./words";

export function NotFound({ home }: { home: string }) {
  useRouteTitle(t("notFound"));
  return (
    <section class={styles.notFound}>
      <p class={styles.code}>
        <GlitchText text="404" />
      </p>
      <h1>{t("notFound")}</h1>
      <p>{t("notFoundText")}</p>
      <Button variant="primary" href={home}>
        {t("home")}
      </Button>
    </section>
  );
}
