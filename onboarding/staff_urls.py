"""Pages of Kleep's staff, below /console/."""

from django.urls import path

from onboarding.staff_views import (
    components,
    erasing,
    golive,
    notifications,
    people,
    pipeline,
    shop,
    statistics,
)

urlpatterns = [
    path("", pipeline.pipeline, name="pipeline"),
    path("bulk", pipeline.bulk, name="pipeline_bulk"),
    path("views", pipeline.save_view, name="view_save"),
    path("views/<int:view>/delete", pipeline.delete_view, name="view_delete"),
    path("figures", statistics.statistics, name="statistics"),
    path("look-away", shop.look_away, name="look_away"),
    path("shops/<slug:slug>", shop.shop, name="console_shop"),
    path("shops/<slug:slug>/check", shop.recheck, name="console_check"),
    path("shops/<slug:slug>/pulls/<int:cursor>/retry", shop.retry, name="console_retry"),
    path("shops/<slug:slug>/pulls/range", shop.repull, name="console_range"),
    path("shops/<slug:slug>/pulls/<int:run>/release", shop.release, name="console_release"),
    path("shops/<slug:slug>/history", shop.history, name="console_history"),
    path("shops/<slug:slug>/plots", shop.plots, name="console_plots"),
    path("shops/<slug:slug>/pause", shop.pause, name="console_pause"),
    path("shops/<slug:slug>/resume", shop.resume, name="console_resume"),
    path("shops/<slug:slug>/note", shop.note, name="console_note"),
    path("shops/<slug:slug>/owner", shop.assign, name="console_owner"),
    path("shops/<slug:slug>/look", shop.look, name="console_look"),
    path("companies/new", people.merchant_new, name="merchant_new"),
    path("shops/<slug:slug>/golive", golive.golive, name="console_golive"),
    path("shops/<slug:slug>/golive/sign", golive.sign, name="console_sign"),
    path("shops/<slug:slug>/golive/approve", golive.approve, name="console_approve"),
    path("shops/<slug:slug>/golive/send-back", golive.send_back, name="console_send_back"),
    path("shops/<slug:slug>/golive/undo", golive.undo, name="console_undo"),
    path("shops/<slug:slug>/erase", erasing.shop, name="erase_shop"),
    path("companies/<uuid:merchant>/erase", erasing.merchant, name="erase_merchant"),
    path("companies/<uuid:merchant>/shoppers", erasing.shopper, name="erase_shopper"),
    path("erasures", erasing.index, name="erasures"),
    path("erasures/<int:erasure>", erasing.report, name="erasure"),
    path("erasures/<int:erasure>/progress", erasing.progress, name="erasure_progress"),
    path("erasures/<int:erasure>/report.json", erasing.document, name="erasure_report"),
    path("components", components.components, name="components"),
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/mine", notifications.mail_choice, name="mail_choice"),
    path("notifications/log", notifications.message_log, name="message_log"),
    path(
        "notifications/log/<int:message>/again", notifications.message_again, name="message_again"
    ),
    path("notifications/webhooks/new", notifications.webhook_new, name="webhook_new"),
    path("notifications/webhooks/<uuid:webhook>", notifications.webhook, name="webhook"),
    path(
        "notifications/webhooks/<uuid:webhook>/test",
        notifications.webhook_test,
        name="webhook_test",
    ),
    path(
        "notifications/webhooks/<uuid:webhook>/secret",
        notifications.webhook_secret,
        name="webhook_secret",
    ),
    path(
        "notifications/webhooks/<uuid:webhook>/switch",
        notifications.webhook_switch,
        name="webhook_switch",
    ),
    path(
        "notifications/webhooks/<uuid:webhook>/remove",
        notifications.webhook_remove,
        name="webhook_remove",
    ),
]
