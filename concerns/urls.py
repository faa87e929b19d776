"""The addresses of concerns. They hold random references and codes, never an id of a row and never a name."""

from django.urls import path

from concerns.urls_raising import raising_urlpatterns
from concerns.views import (
    access,
    cases,
    casework,
    closing,
    home,
    joining,
    late,
    life,
    limits,
    people,
    queue,
    search,
    second_person,
    staff_steps,
    triage,
)

app_name = "concerns"

urlpatterns = [
    path("", home.show_home, name="show-home"),
    *raising_urlpatterns,
    path("queue/", queue.list_queue, name="list-queue"),
    path("search/", search.search, name="search"),
    path("late/", late.list_late, name="list-late"),
    path("limits/", limits.list_limits, name="list-limits"),
    path("limits/<str:code>/", limits.propose_limit, name="propose-limit"),
    path("limits/<str:code>/view/", limits.view_limit, name="view-limit"),
    path("concerns/<slug:ref>/", cases.show_concern, name="show-concern"),
    path("access/", access.list_access, name="list-access"),
    path("access/export/", access.export_access, name="export-access"),
    path("concerns/<slug:ref>/access/", access.show_access, name="show-access"),
    path("concerns/<slug:ref>/take/", cases.TakeView.as_view(), name="take-concern"),
    path("concerns/<slug:ref>/acknowledge/", casework.AcknowledgeView.as_view(), name="acknowledge-concern"),
    path("concerns/<slug:ref>/decline/", casework.DeclineView.as_view(), name="decline-concern"),
    path("concerns/<slug:ref>/conflict/", casework.ConflictView.as_view(), name="declare-conflict"),
    path("concerns/<slug:ref>/hand-on/", casework.HandOnView.as_view(), name="hand-on-concern"),
    path("concerns/<slug:ref>/area/", casework.ChangeAreaView.as_view(), name="change-area"),
    path("concerns/<slug:ref>/note/", casework.AddNoteView.as_view(), name="add-note"),
    path("concerns/<slug:ref>/emergency-call/", casework.EmergencyCallView.as_view(), name="record-emergency-call"),
    path("concerns/<slug:ref>/feedback/", casework.FeedbackView.as_view(), name="give-feedback"),
    path("concerns/<slug:ref>/answer/", casework.AnswerView.as_view(), name="answer-dissatisfaction"),
    path("concerns/<slug:ref>/people/add/", people.AddPersonView.as_view(), name="add-person"),
    path(
        "concerns/<slug:ref>/people/<slug:person>/<slug:role>/", people.ChangePersonView.as_view(), name="change-person"
    ),
    path("concerns/<slug:ref>/triage/", triage.TriageView.as_view(), name="triage-concern"),
    path("concerns/<slug:ref>/review/", triage.ReviewView.as_view(), name="review-concern"),
    path("concerns/<slug:ref>/close/", closing.ProposeClosureView.as_view(), name="propose-closure"),
    path("concerns/<slug:ref>/close/view/", closing.ViewClosureView.as_view(), name="view-closure"),
    path("concerns/<slug:ref>/long-open/", late.LookAtLongOpenView.as_view(), name="look-at-long-open"),
    path("concerns/<slug:ref>/reopen/", closing.ReopenView.as_view(), name="reopen-concern"),
    path("concerns/<slug:ref>/join/", joining.ChooseOtherView.as_view(), name="join-concern"),
    path("concerns/<slug:ref>/join/<slug:into>/", joining.ConfirmJoinView.as_view(), name="confirm-join"),
    path("concerns/<slug:ref>/separate/", joining.SeparateView.as_view(), name="separate-concern"),
    path("concerns/<slug:ref>/error/", second_person.VoidView.as_view(), name="void-concern"),
    path("concerns/<slug:ref>/no-error/", second_person.RestoreView.as_view(), name="restore-concern"),
    path("concerns/<slug:ref>/restriction/", second_person.EndRestrictionView.as_view(), name="end-restriction"),
    path("concerns/<slug:ref>/who-may-not/", second_person.ConflictsView.as_view(), name="list-conflicts"),
    path("concerns/<slug:ref>/second-view/", second_person.SecondViewView.as_view(), name="give-second-view"),
    path("concerns/<slug:ref>/death-or-move/", life.DeathOrMoveView.as_view(), name="record-death-or-move"),
    path("concerns/<slug:ref>/legal-hold/", life.LegalHoldView.as_view(), name="set-legal-hold"),
    path("concerns/<slug:ref>/worker/<slug:kind>/", staff_steps.StaffStepView.as_view(), name="answer-staff-step"),
]
