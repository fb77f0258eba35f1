"""Addresses of progress."""

from django.urls import path

from unknot.outcomes.views import client, desk, questionnaires

app_name = "outcomes"
MINE, DESK = "p/<slug:practice>/my/progress/", "p/<slug:practice>/desk/clients/<uuid:client_id>/"
urlpatterns = [
    path(MINE, client.progress, name="progress"),
    path(f"{MINE}questions/", client.questions, name="questions"),
    path(f"{MINE}questions/<uuid:questionnaire_id>/", questionnaires.answer, name="questionnaire"),
    path(f"{MINE}wish/", client.wish, name="wish"),
    path(f"{MINE}rating/", client.rate, name="rate"),
    path(f"{MINE}goals/", client.add_goal, name="add_goal"),
    path(f"{MINE}goals/<uuid:goal_id>/", client.goal, name="goal"),
    path("p/<slug:practice>/desk/questionnaires/", questionnaires.brought, name="questionnaires"),
    path(
        "p/<slug:practice>/desk/questionnaires/<uuid:questionnaire_id>/",
        questionnaires.decide,
        name="questionnaire_decide",
    ),
    path(DESK, desk.client, name="desk_client"),
    path(f"{DESK}progress/", desk.progress, name="desk_progress"),
    path(f"{DESK}progress/rating/", desk.rate, name="desk_rate"),
    path(f"{DESK}progress/measurement/", desk.measure, name="desk_measure"),
]
