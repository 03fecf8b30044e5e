"""Pages about the files of a shop."""

from django.urls import path

from onboarding.views import file, file_server, files, sftp

urlpatterns = [
    path("shops/<slug:slug>/files", files.page, name="files"),
    path("shops/<slug:slug>/files/upload", files.upload, name="files_upload"),
    path("shops/<slug:slug>/files/uploads", files.upload_start, name="upload_start"),
    path("shops/<slug:slug>/files/uploads/<uuid:upload_id>", files.upload_part, name="upload_part"),
    path("shops/<slug:slug>/files/rules", files.rules, name="file_rules"),
    path("shops/<slug:slug>/files/look", files.look, name="files_look"),
    path("shops/<slug:slug>/files/guide/<str:dataset>", files.guide, name="file_guide"),
    path(
        "shops/<slug:slug>/files/<str:kind>/<str:dataset>.csv", files.example, name="file_example"
    ),
    path("shops/<slug:slug>/files/sftp", sftp.page, name="sftp"),
    path("shops/<slug:slug>/files/sftp/way", sftp.way, name="file_way"),
    path("shops/<slug:slug>/files/sftp/keys", sftp.key_add, name="sftp_key_add"),
    path("shops/<slug:slug>/files/sftp/pairs", sftp.key_make, name="sftp_key_make"),
    path(
        "shops/<slug:slug>/files/sftp/keys/<int:key_id>/remove",
        sftp.key_remove,
        name="sftp_key_remove",
    ),
    path("shops/<slug:slug>/files/server", file_server.page, name="file_server"),
    path("shops/<slug:slug>/files/server/check", file_server.check, name="file_server_check"),
    path("shops/<slug:slug>/files/server/lines", file_server.lines, name="file_server_lines"),
    path("shops/<slug:slug>/files/<uuid:file_id>", file.page, name="file"),
    path("shops/<slug:slug>/files/<uuid:file_id>/state", file.state, name="file_state"),
    path("shops/<slug:slug>/files/<uuid:file_id>/answer", file.answer, name="file_answer"),
    path("shops/<slug:slug>/files/<uuid:file_id>/store", file.store, name="file_store"),
    path("shops/<slug:slug>/files/<uuid:file_id>/report", file.report, name="file_report"),
]
