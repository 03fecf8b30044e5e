"""For Kleep's support: how files reach us. Never a key's private part, a password, or what a file holds."""

from django.contrib import admin

from connectors.admin_base import LookOnly
from onboarding.models import FileSource, SftpAccount, SftpKey, Upload, UploadPart


class SftpKeyInline(LookOnly, admin.TabularInline[SftpKey, SftpAccount]):
    model = SftpKey
    fields = ("name", "created_at", "created_by")
    readonly_fields = fields


@admin.register(SftpAccount)
class SftpAccountAdmin(LookOnly, admin.ModelAdmin[SftpAccount]):
    list_display = ("username", "merchant", "created_at")
    list_select_related = ("merchant",)
    search_fields = ("username__exact", "merchant__name")
    inlines = (SftpKeyInline,)


@admin.register(SftpKey)
class SftpKeyAdmin(LookOnly, admin.ModelAdmin[SftpKey]):
    list_display = ("name", "account", "created_at", "created_by")
    list_select_related = ("account",)
    search_fields = ("account__username__exact", "name")


@admin.register(FileSource)
class FileSourceAdmin(LookOnly, admin.ModelAdmin[FileSource]):
    list_display = ("shop", "way", "due_at", "looked_at", "error")
    list_select_related = ("shop",)
    list_filter = ("way", "error")
    search_fields = ("shop__slug__exact", "shop__merchant__name")


@admin.register(Upload)
class UploadAdmin(LookOnly, admin.ModelAdmin[Upload]):
    list_display = ("name", "shop", "size", "started_at")
    list_select_related = ("shop",)
    search_fields = ("shop__slug__exact",)


@admin.register(UploadPart)
class UploadPartAdmin(LookOnly, admin.ModelAdmin[UploadPart]):
    fields = ("upload", "offset", "size")
    list_display = fields
    list_select_related = ("upload",)
    search_fields = ("upload__id__exact",)
