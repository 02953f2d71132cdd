from django.urls import path

from zhike.customers.views import files, lists, merging, reveals, settings

app_name = "customers"
urlpatterns = [
    path("", lists.customer_list, name="list"),
    path("export/", lists.export, name="export"),
    path("new/", files.create, name="create"),
    path("duplicates/", files.duplicates, name="duplicates"),
    path("options/organisations/", files.organisation_options, name="organisation-options"),
    path("options/regions/", files.region_options, name="region-options"),
    path("<int:pk>/", files.file_page, name="file"),
    path("<int:pk>/card/", files.card, name="card"),
    path("<int:pk>/edit/", files.edit, name="edit"),
    path("<int:pk>/stage/", files.stage, name="stage"),
    path("<int:pk>/preferences/", files.preference_add, name="preference-add"),
    path("<int:pk>/preferences/<int:row>/void/", files.preference_void, name="preference-void"),
    path("<int:pk>/needs/", files.need_add, name="need-add"),
    path("<int:pk>/needs/<int:row>/close/", files.need_close, name="need-close"),
    path("<int:pk>/identities/", files.identity_add, name="identity-add"),
    path("<int:pk>/identities/<int:row>/void/", files.identity_void, name="identity-void"),
    path("<int:pk>/identities/<int:row>/main/", files.identity_primary, name="identity-primary"),
    path("<int:pk>/identities/<int:row>/reveal/", reveals.identity, name="identity-reveal"),
    path("<int:pk>/addresses/", files.address_add, name="address-add"),
    path("<int:pk>/addresses/<int:row>/void/", files.address_void, name="address-void"),
    path("<int:pk>/addresses/<int:row>/reveal/", reveals.address, name="address-reveal"),
    path("<int:pk>/merge/", merging.merge, name="merge"),
    path("merges/<int:pk>/undo/", merging.undo, name="merge-undo"),
    path("settings/fields/", settings.fields, name="fields"),
    path("settings/fields/new/", settings.field_form, name="field-create"),
    path("settings/fields/<int:pk>/", settings.field_form, name="field"),
    path("settings/fields/<int:pk>/retire/", settings.field_retire, name="field-retire"),
    path("settings/tags/", settings.tags, name="tags"),
    path("settings/tags/<int:pk>/", settings.tag_change, name="tag"),
    path("settings/regions/", settings.regions, name="regions"),
    path("settings/regions/<int:pk>/", settings.regions, name="region"),
    path("settings/regions/<int:pk>/change/", settings.region_change, name="region-change"),
]
