import pytest
from django.core.management import call_command

from questions import bankfiles

pytestmark = pytest.mark.once

ROLES = {
    "ai-machine-learning": ["ai-engineer", "data-scientist", "machine-learning-engineer", "mlops-engineer"],
    "software-engineering": [
        "backend-engineer",
        "frontend-engineer",
        "full-stack-developer",
        "mobile-developer",
    ],
    "data": ["data-analyst", "data-engineer"],
    "platform-security": ["devops-engineer", "security-engineer", "site-reliability-engineer"],
    "product-quality": ["product-manager", "qa-engineer"],
}
# The page that the project was created from, in its order.
SEED = [
    ("ai-ml-deep-learning-difference", "easy"),
    ("supervised-unsupervised-reinforcement", "easy"),
    ("overfitting-causes-prevention", "medium"),
    ("bias-variance-tradeoff", "medium"),
    ("evaluate-classification-model", "medium"),
    ("explain-rag-pipeline", "medium"),
    ("reduce-llm-hallucinations", "hard"),
    ("deploy-serve-ml-model", "medium"),
    ("detect-data-drift", "hard"),
    ("fine-tuning-or-rag", "hard"),
    ("design-document-qa-system", "hard"),
]


def documents(kind, settings):
    bank = bankfiles.read(settings.BASE_DIR / "content")
    return {uid: document for of_kind, uid, document in bank.items if of_kind == kind}


def test_the_linter_finds_nothing(capsys):
    call_command("checkbank")
    assert "no findings" in capsys.readouterr().out


def test_fifteen_roles_in_five_fields(settings):
    by_category = {}
    for uid, role in documents("role", settings).items():
        by_category.setdefault(role["category"], []).append(uid)
    assert by_category == ROLES


def test_three_hundred_questions_each_in_a_role(settings):
    questions = documents("question", settings)
    placed = {uid for role in documents("role", settings).values() for uid in role["questions"]}
    assert len(questions) >= 300
    assert placed == set(questions)


def test_ai_engineer_begins_with_the_seed(settings):
    questions = documents("question", settings)
    first = documents("role", settings)["ai-engineer"]["questions"][: len(SEED)]
    assert [(uid, questions[uid]["difficulty"]) for uid in first] == SEED
