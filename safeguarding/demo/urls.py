"""Addresses that exist in the demo only."""

from django.urls import path

from safeguarding.demo import views

app_name = "demo"
urlpatterns = [path("demo/mail/", views.list_mails, name="list-mails")]
