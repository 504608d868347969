"""What organisations demand of every resource of a kind, by parameters or always."""

from tests.unit.translated import translated


def of_type(kind):
    """Return all resources of a type in the translated template, those that SAM makes included."""
    return {name: item["Properties"] for name, item in translated()["Resources"].items() if item["Type"] == kind}


def if_set(condition, parameter):
    """Return what a property holds that is set by a parameter only."""
    return {"Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]}


def test_every_role_has_the_path_and_the_boundary_of_the_organisation():
    roles = of_type("AWS::IAM::Role")
    assert roles
    for name, role in roles.items():
        assert role["Path"] == {"Ref": "RolePath"}, name
        assert role["PermissionsBoundary"] == if_set("HasPermissionsBoundary", "PermissionsBoundaryArn"), name
